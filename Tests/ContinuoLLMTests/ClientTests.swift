// SPDX-License-Identifier: MIT
import ContinuoLLM
import ContinuoTestSupport
import Foundation
import Testing

@Suite("Language models", .serialized)
struct ClientTests {
  @Test("both protocols stream a reply, and tell model, tokens, cost and ending")
  func streams() async throws {
    let double = try await ModelDouble()
    for dialect in ModelProtocol.allCases {
      var endpoint = try ModelEndpoint(dialect: dialect, baseURL: double.url, model: "ok")
      endpoint.prices = ModelEndpoint.Prices("100000/200000")
      let (events, error) = await Chat.events(ModelClient(endpoint: endpoint, keys: Chat.keys))
      #expect(error == nil)
      let pieces = events.compactMap { if case .text(let text) = $0 { text } else { nil } }
      #expect(pieces.count == 6)
      #expect(pieces.joined() == "hello there, musician")
      guard case .finished(let result) = events.last else {
        Issue.record("no end")
        continue
      }
      #expect(result.ending == .complete)
      #expect(result.model == "double")
      #expect(result.tokensIn == 11)
      #expect(result.tokensOut == 6)
      #expect(abs((result.cost ?? 0) - 2.3) < 1e-9)
      #expect(result.structure == (dialect == .openai ? "schema" : "tool"))
      #expect((result.firstTokenSeconds ?? 9) <= result.seconds)
    }
    let requests = try double.requests
    #expect(
      requests.map(\.line) == [
        "POST /v1/chat/completions HTTP/1.1", "POST /v1/messages HTTP/1.1",
      ])
    #expect(requests.first?.headers["authorization"] == "Bearer \(Chat.key)")
    #expect(requests.last?.headers["x-api-key"] == Chat.key)
    #expect(double.log.contains(#""seed": 7"#))
    #expect(double.log.contains(#"Say hello\u0007 \"now\"."#))
  }

  @Test("a server that does not stream is understood; one that stops at the limit says so")
  func wholeAndLength() async throws {
    let double = try await ModelDouble()
    let (text, error) = await Chat.ask(try Chat.client(double, model: "whole"))
    #expect(error == nil)
    #expect(text == "hello there, musician")
    let (events, _) = await Chat.events(try Chat.client(double, model: "length"))
    guard case .finished(let result) = events.last else {
      Issue.record("no end")
      return
    }
    #expect(result.ending == .length)
    let (cut, _) = await Chat.events(try Chat.client(double, model: "cut"))
    guard case .finished(let half) = cut.last else {
      Issue.record("no end")
      return
    }
    #expect(half.ending == .unsaid)
  }

  @Test("what a server does not take is left out, remembered, and not asked again")
  func abilities() async throws {
    let folder = try TemporaryFolder("abilities")
    let file = folder.url.appendingPathComponent("models.json")
    let double = try await ModelDouble()
    for model in ["plain", "modern"] {
      var client = try Chat.client(double, model: model)
      client = ModelClient(
        endpoint: client.endpoint, keys: Chat.keys, abilities: ModelAbilities(file: file))
      let (text, error) = await Chat.ask(client)
      #expect(error == nil)
      #expect(text == "hello there, musician")
    }
    let before = try double.requests.count
    #expect(before == 5)
    // Another day, another client: the file tells.
    let again = ModelClient(
      endpoint: try Chat.client(double, model: "plain").endpoint, keys: Chat.keys,
      abilities: ModelAbilities(file: file))
    let (events, _) = await Chat.events(again)
    #expect(try double.requests.count == before + 1)
    guard case .finished(let result) = events.last else {
      Issue.record("no end")
      return
    }
    #expect(result.structure == "prompt")
  }

  @Test("a proxy carries the request")
  func proxy() async throws {
    let proxy = try await ModelDouble()
    var endpoint = try ModelEndpoint(
      dialect: .openai, baseURL: "http://model.invalid:1234/v1", model: "ok")
    endpoint.proxy = proxy.url
    let (text, error) = await Chat.ask(ModelClient(endpoint: endpoint, keys: Chat.keys))
    #expect(error == nil)
    #expect(text == "hello there, musician")
    let line = try proxy.requests.first?.line
    #expect(line == "POST http://model.invalid:1234/v1/chat/completions HTTP/1.1")
    // Not over TLS and not on this machine: the key stays here.
    #expect(!proxy.log.contains(Chat.key))
  }

  @Test("a preview is what is sent, without the key")
  func preview() async throws {
    let double = try await ModelDouble()
    let client = try Chat.client(double, model: "ok")
    let shown = client.preview(Chat.request)
    #expect(!shown.contains(Chat.key))
    #expect(shown.contains("Authorization: Bearer (your key)"))
    _ = await Chat.ask(client)
    let body = try #require(shown.components(separatedBy: "\n\n").last)
    let sent = try JSONSerialization.jsonObject(with: Data(double.log.utf8)) as? [String: Any]
    let seen = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? NSDictionary
    #expect(seen == sent?["body"] as? NSDictionary)
  }

  @Test(
    "addresses are completed or refused",
    arguments: [
      ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1/chat/completions"),
      ("http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1/chat/completions"),
      ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1/chat/completions"),
      ("https://host/v1/chat/completions", "https://host/v1/chat/completions"),
      ("http://[::1]:11434", "http://[::1]:11434/v1/chat/completions"),
    ])
  func addresses(_ given: String, _ whole: String) throws {
    #expect(try ModelEndpoint(dialect: .openai, baseURL: given, model: "m").url == whole)
  }

  @Test(
    "addresses that cannot be are refused, and none that holds a password is repeated",
    arguments: [
      "", "ftp://host", "host:80", "http://", "http://user:hunter2@host",
      "http://host/?key=hunter2",
      "http://ho st",
    ])
  func badAddresses(_ given: String) {
    #expect {
      try ModelEndpoint(dialect: .openai, baseURL: given, model: "m")
    } throws: { error in
      !"\(error)".contains("user:hunter2") && "\(error)".contains("cannot be used")
    }
  }
}
