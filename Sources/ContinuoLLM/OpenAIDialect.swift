// SPDX-License-Identifier: MIT
internal import Foundation

/// OpenAI's chat completions, as OpenAI and its many likenesses speak them.
struct OpenAIDialect: Dialect {
  func suspects(_ message: String) -> [ModelAbilities.Feature] {
    let words = message.lowercased()
    func says(_ any: String...) -> Bool { any.contains { words.contains($0) } }
    var found: [ModelAbilities.Feature] = []
    if says("max_tokens", "max_completion_tokens") { found.append(.maximumTokens) }
    if says("stream_options", "include_usage") { found.append(.usage) }
    if says("temperature") { found.append(.temperature) }
    if says("seed") { found.append(.seed) }
    if says("response_format", "json_schema", "schema", "grammar", "structured") {
      found += [.schema, .object]
    }
    if says("json_object") { found.append(.object) }
    return found
  }

  func headers(_ key: APIKey?) -> [(name: String, value: String)] {
    key.map { [("Authorization", "Bearer \($0.secret)")] } ?? []
  }

  func body(
    _ request: ChatRequest, model: String?, lacks: (ModelAbilities.Feature) -> Bool
  ) -> (body: WireJSON, structure: String) {
    var members: [WireJSON.Member] = [.init("model", .string(model ?? "default"))]
    let spoken = request.messages.map { message -> WireJSON in
      ["role": .string(message.speaker.rawValue), "content": .string(message.text)]
    }
    members.append(
      .init("messages", .array([["role": "system", "content": .string(request.system)]] + spoken)))
    members.append(.init("stream", true))
    if !lacks(.usage) { members.append(.init("stream_options", ["include_usage": true])) }
    // OpenAI's newer models take only the second name, most other servers only the first.
    members.append(
      .init(
        lacks(.maximumTokens) ? "max_completion_tokens" : "max_tokens",
        .int(request.maximumTokens)))
    if let temperature = request.temperature, !lacks(.temperature) {
      members.append(.init("temperature", .number(temperature)))
    }
    if let seed = request.seed, !lacks(.seed) { members.append(.init("seed", .int(seed))) }
    var structure = "prompt"
    if let schema = request.schema {
      if !lacks(.schema) {
        structure = "schema"
        members.append(
          .init(
            "response_format",
            [
              "type": "json_schema",
              "json_schema": [
                "name": .string(schema.name), "strict": true, "schema": schema.value,
              ],
            ]))
      } else if !lacks(.object) {
        structure = "object"
        members.append(.init("response_format", ["type": "json_object"]))
      }
    }
    return (.object(members), structure)
  }

  private struct Chunk: Decodable {
    struct Choice: Decodable {
      struct Delta: Decodable {
        var content: String?
        var reasoning_content: String?
        var reasoning: String?
        var refusal: String?
      }
      var index: Int?
      var delta: Delta?
      var message: Delta?
      var finish_reason: String?
    }
    struct Usage: Decodable {
      var prompt_tokens: Int?
      var completion_tokens: Int?
      var cost: Double?
    }
    var model: String?
    var choices: [Choice]?
    var usage: Usage?
    var error: WireFault.Detail?
  }

  func read(_ event: [UInt8], into result: inout ChatResult) -> ReplyPiece? {
    if event.elementsEqual("[DONE]".utf8) {
      if result.ending == .unsaid { result.ending = .complete }
      return ReplyPiece(isLast: true)
    }
    return piece(event, into: &result)
  }

  func readWhole(_ body: [UInt8], into result: inout ChatResult) -> ReplyPiece? {
    guard var piece = piece(body, into: &result) else { return nil }
    if result.ending == .unsaid, piece.fault == nil { result.ending = .complete }
    piece.isLast = true
    return piece
  }

  private func piece(_ event: [UInt8], into result: inout ChatResult) -> ReplyPiece? {
    guard let chunk = try? JSONDecoder().decode(Chunk.self, from: Data(event)) else { return nil }
    if let fault = chunk.error { return ReplyPiece(fault: fault.message ?? "an error") }
    guard chunk.choices != nil || chunk.usage != nil || chunk.model != nil else { return nil }
    var piece = ReplyPiece()
    if let model = chunk.model, result.model == nil { result.model = String(model.prefix(100)) }
    if let usage = chunk.usage {
      result.tokensIn = usage.prompt_tokens ?? result.tokensIn
      result.tokensOut = usage.completion_tokens ?? result.tokensOut
      result.cost = usage.cost ?? result.cost
    }
    for choice in chunk.choices ?? [] where choice.index ?? 0 == 0 {
      let delta = choice.delta ?? choice.message
      piece.text += delta?.content ?? ""
      let isThinking = !(delta?.reasoning_content ?? delta?.reasoning ?? "").isEmpty
      piece.isProgress = piece.isProgress || isThinking || !piece.text.isEmpty
      if let refusal = delta?.refusal, !refusal.isEmpty { result.ending = .declined }
      switch choice.finish_reason {
      case nil: break
      case "length": result.ending = .length
      case "content_filter": result.ending = .declined
      default: if result.ending == .unsaid { result.ending = .complete }
      }
    }
    return piece
  }
}
