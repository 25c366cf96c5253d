// SPDX-License-Identifier: MIT

/// What a language model is asked.
public struct ChatRequest: Hashable, Sendable {
  /// One message of the conversation.
  public struct Message: Hashable, Sendable {
    /// Who speaks.
    public enum Speaker: String, Hashable, Sendable {
      /// The one who asks.
      case user
      /// The model, earlier.
      case assistant
    }

    /// Who speaks.
    public let speaker: Speaker
    /// What is said.
    public let text: String

    /// Makes a message.
    public init(_ speaker: Speaker, _ text: String) {
      self.speaker = speaker
      self.text = text
    }
  }

  /// The shape a reply must have.
  public struct Schema: Hashable, Sendable {
    /// A name of letters and underscores.
    public let name: String
    /// A JSON schema of an object.
    public let value: WireJSON

    /// Names a schema.
    public init(name: String, value: WireJSON) {
      self.name = name
      self.value = value
    }
  }

  /// What the model is told about its task.
  public var system: String
  /// The conversation; the last message is the user's.
  public var messages: [Message]
  /// The reply's shape; nil for free text.
  ///
  /// A server that cannot hold a reply to it gets the prompt alone.
  public var schema: Schema?
  /// The longest reply, in tokens.
  public var maximumTokens: Int
  /// How freely the model chooses, 0...2; nil leaves it to the server.
  public var temperature: Double?
  /// For servers that can repeat themselves, 0...2³¹-1.
  public var seed: Int?

  /// Makes a request.
  public init(
    system: String, messages: [Message], schema: Schema? = nil, maximumTokens: Int = 4096,
    temperature: Double? = nil, seed: Int? = nil
  ) {
    self.system = system
    self.messages = messages
    self.schema = schema
    self.maximumTokens = maximumTokens
    self.temperature = temperature
    self.seed = seed
  }
}

/// What happens while a model answers.
public enum ChatEvent: Hashable, Sendable {
  /// The next piece of the reply.
  case text(String)
  /// The server asked to wait, or failed: the next try starts in `seconds`.
  case waiting(reason: String, seconds: Double)
  /// The server refused a part of the request, which is left out from now on.
  case withoutFeature(String)
  /// The reply is over; the last event.
  case finished(ChatResult)
}

/// How a reply ended, and what it took.
public struct ChatResult: Hashable, Sendable, Codable {
  /// Why the reply ended.
  public enum Ending: String, Hashable, Sendable, Codable {
    /// The model was done.
    case complete
    /// It reached the longest reply allowed.
    case length
    /// The server or the model would not go on.
    case declined
    /// The stream ended without saying why.
    case unsaid
  }

  /// Why it ended.
  public var ending = Ending.unsaid
  /// The model's name as the server tells it.
  public var model: String?
  /// How the reply was held to its schema: "schema", "tool", "object" or "prompt".
  public var structure = "prompt"
  /// Tokens read, as the server counts; nil when it does not tell.
  public var tokensIn: Int?
  /// Tokens written, as the server counts; nil when it does not tell.
  public var tokensOut: Int?
  /// The price in dollars, as the server tells it or the prices set give it; nil when not known.
  public var cost: Double?
  /// Requests it took.
  public var tries = 1
  /// From the first request to the first piece of text, in seconds; nil without text.
  public var firstTokenSeconds: Double?
  /// From the first request to the end, in seconds.
  public var seconds = 0.0

  /// A result that nothing is known of yet.
  public init() {}
}
