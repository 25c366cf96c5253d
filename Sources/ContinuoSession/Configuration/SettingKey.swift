// SPDX-License-Identifier: MIT
internal import ContinuoLLM
internal import ContinuoMusic

/// Everything that can be set: the one table that reading, checking, `config`, the template and
/// docs/settings.md are made from.
public enum SettingKey: String, CaseIterable, Codable, Hashable, Sendable {
  case server, name
  case ardourPort = "ardour-port"
  case provider
  case baseURL = "base-url"
  case model
  case modelSeconds = "model-seconds"
  case keyFile = "key-file"
  case keyCommand = "key-command"
  case web
  case webPort = "web-port"
  case oscSurface = "osc-surface"
  case control, project, memory

  /// What a value must be.
  public enum Kind: Hashable, Sendable {
    /// Text on one line, not empty.
    case text
    /// A whole number in a range.
    case number(ClosedRange<Int>)
    /// True or false.
    case truth
    /// One of these words.
    case choice([String])
  }

  /// What a value must be.
  public var kind: Kind {
    switch self {
    case .server, .name, .baseURL, .model, .keyFile, .keyCommand, .project: .text
    case .ardourPort: .number(1...65535)
    case .modelSeconds: .number(1...3600)
    case .webPort, .oscSurface: .number(0...65535)
    case .web, .control, .memory: .truth
    case .provider: .choice(ComposerProvider.allCases.map(\.rawValue))
    }
  }

  /// The variable that outdoes the file.
  public var variable: String {
    "CONTINUO_" + rawValue.uppercased().replacing("-", with: "_")
  }

  /// The flag that outdoes the variable; nil where there is none.
  public var flag: String? {
    switch self {
    case .modelSeconds, .keyFile, .keyCommand, .memory: nil
    case .webPort: "--port"
    default: "--" + rawValue
    }
  }

  /// What holds where nothing is set, as a musician reads it.
  public var usual: String {
    switch self {
    case .server: "the usual one"
    case .name: Settings.defaultName
    case .ardourPort: "looked for in 3819…3838"
    case .provider: ComposerProvider.builtin.rawValue
    case .baseURL: "the provider's own"
    case .model: "what the server has"
    case .modelSeconds: decimal(TransferLimits().wholeSeconds)
    case .keyFile: "PROTOCOL.key beside the settings"
    case .keyCommand: "none"
    case .web: "false"
    case .webPort: "a free one"
    case .oscSurface: "none"
    case .control: "false"
    case .project: "none"
    case .memory: "true"
    }
  }

  /// What it sets, in one sentence.
  public var help: String {
    switch self {
    case .server: "The JACK server's name."
    case .name: "This instance's and JACK client's name."
    case .ardourPort: "Ardour's OSC port."
    case .provider: "Who composes: builtin, openai, anthropic or local."
    case .baseURL: "Where the provider's server is."
    case .model: "The provider's model."
    case .modelSeconds: "How long a model may take, in seconds."
    case .keyFile: "A file, readable by you alone, that holds the provider's key."
    case .keyCommand: "A command whose output is the provider's key."
    case .web: "Whether the page is served beside the prompt."
    case .webPort: "The page's port on 127.0.0.1; 0 for a free one."
    case .oscSurface: "The port on 127.0.0.1 to be played by OSC on; 0 for a free one."
    case .control: "Whether there is a port for pedals and pads, NAME:control."
    case .project: "The folder a session is taken up from, and put away in."
    case .memory: "Whether requests and candidates are remembered."
    }
  }

  /// Throws `CommandError` for a value that this key cannot have.
  public func check(_ value: String) throws(CommandError) { _ = try literal(value) }

  /// `text` as this key's value in TOML.
  /// - Throws: `CommandError.badSetting` for what it cannot be.
  func literal(_ text: String) throws(CommandError) -> String {
    func fault(_ reason: String) -> CommandError {
      .badSetting(name: rawValue, value: text, reason: reason)
    }
    switch kind {
    case .text:
      guard !text.isEmpty, text.utf8.count <= CommandLimits.pathBytes, TerminalText.isClean(text)
      else { throw fault("it must be text on one line") }
      let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      return "\"\(escaped)\""
    case .number(let range):
      guard let number = Int(text), range.contains(number) else {
        throw fault("it must be a whole number in \(range.lowerBound)…\(range.upperBound)")
      }
      return String(number)
    case .truth:
      guard ["true", "false"].contains(text) else { throw fault("it must be true or false") }
      return text
    case .choice(let words):
      guard words.contains(text) else {
        throw .notOneOf(
          what: "a value of \(rawValue)", word: text, allowed: words,
          near: NearNames.near(text, among: words))
      }
      return "\"\(text)\""
    }
  }
}
