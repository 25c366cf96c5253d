// SPDX-License-Identifier: MIT
internal import Foundation

/// Anthropic's messages; a reply is held to its schema by a tool that must be called.
struct AnthropicDialect: Dialect {
  func suspects(_ message: String) -> [ModelAbilities.Feature] {
    let words = message.lowercased()
    func says(_ any: String...) -> Bool { any.contains { words.contains($0) } }
    var found: [ModelAbilities.Feature] = []
    if says("temperature") { found.append(.temperature) }
    if says("tool", "schema") { found.append(.tool) }
    return found
  }

  func headers(_ key: APIKey?) -> [(name: String, value: String)] {
    let version = [(name: "anthropic-version", value: "2023-06-01")]
    return version + (key.map { [("x-api-key", $0.secret)] } ?? [])
  }

  func body(
    _ request: ChatRequest, model: String?, lacks: (ModelAbilities.Feature) -> Bool
  ) -> (body: WireJSON, structure: String) {
    var members: [WireJSON.Member] = [
      .init("model", .string(model ?? "default")),
      .init("max_tokens", .int(request.maximumTokens)),
      .init("system", .string(request.system)),
      .init(
        "messages",
        .array(
          request.messages.map {
            ["role": .string($0.speaker.rawValue), "content": .string($0.text)]
          })),
      .init("stream", true),
    ]
    if let temperature = request.temperature, !lacks(.temperature) {
      members.append(.init("temperature", .number(min(temperature, 1))))
    }
    guard let schema = request.schema, !lacks(.tool) else { return (.object(members), "prompt") }
    members.append(
      .init(
        "tools",
        [
          [
            "name": .string(schema.name), "description": "Hands over the answer.",
            "input_schema": schema.value,
          ]
        ]))
    members.append(.init("tool_choice", ["type": "tool", "name": .string(schema.name)]))
    return (.object(members), "tool")
  }

  private struct Event: Decodable {
    struct Usage: Decodable {
      var input_tokens: Int?
      var output_tokens: Int?
    }
    struct Message: Decodable {
      var model: String?
      var usage: Usage?
    }
    struct Delta: Decodable {
      var text: String?
      var partial_json: String?
      var thinking: String?
      var stop_reason: String?
    }
    var type: String
    var message: Message?
    var delta: Delta?
    var usage: Usage?
    var error: WireFault.Detail?
  }

  func read(_ event: [UInt8], into result: inout ChatResult) -> ReplyPiece? {
    guard let event = try? JSONDecoder().decode(Event.self, from: Data(event)) else { return nil }
    var piece = ReplyPiece()
    switch event.type {
    case "message_start":
      result.model = (event.message?.model).map { String($0.prefix(100)) }
      result.tokensIn = event.message?.usage?.input_tokens
    case "content_block_delta":
      piece.text = (event.delta?.text ?? "") + (event.delta?.partial_json ?? "")
      piece.isProgress = !piece.text.isEmpty || !(event.delta?.thinking ?? "").isEmpty
    case "message_delta":
      result.tokensIn = event.usage?.input_tokens ?? result.tokensIn
      result.tokensOut = event.usage?.output_tokens ?? result.tokensOut
      if let reason = event.delta?.stop_reason { result.ending = Self.ending(reason) }
    case "message_stop":
      if result.ending == .unsaid { result.ending = .complete }
      piece.isLast = true
    case "error":
      piece.fault = event.error?.message ?? "an error"
    default: break
    }
    return piece
  }

  private static func ending(_ reason: String) -> ChatResult.Ending {
    switch reason {
    case "max_tokens", "model_context_window_exceeded": .length
    case "refusal": .declined
    default: .complete
    }
  }

  private struct Whole: Decodable {
    struct Block: Decodable {
      var text: String?
    }
    struct Usage: Decodable {
      var input_tokens: Int?
      var output_tokens: Int?
    }
    var content: [Block]?
    var model: String?
    var stop_reason: String?
    var usage: Usage?
    var error: WireFault.Detail?
  }

  /// A server that does not stream hands over text blocks; a tool's input in one piece is not read.
  func readWhole(_ body: [UInt8], into result: inout ChatResult) -> ReplyPiece? {
    guard let whole = try? JSONDecoder().decode(Whole.self, from: Data(body)) else { return nil }
    if let fault = whole.error { return ReplyPiece(fault: fault.message ?? "an error") }
    guard let blocks = whole.content else { return nil }
    result.model = whole.model
    result.tokensIn = whole.usage?.input_tokens
    result.tokensOut = whole.usage?.output_tokens
    result.ending = Self.ending(whole.stop_reason ?? "")
    return ReplyPiece(text: blocks.compactMap(\.text).joined(), isProgress: true, isLast: true)
  }
}
