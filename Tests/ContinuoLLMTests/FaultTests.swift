// SPDX-License-Identifier: MIT
import ContinuoLLM
import ContinuoTestSupport
import Foundation
import Testing

@Suite("Faults of a model's server", .serialized)
struct FaultTests {
  /// What a model's name does, what is said of it, and how many seconds that may take.
  struct Fault: CustomTestStringConvertible, Sendable {
    var model: String
    var says: String
    var within: Double
    var text = false
    var testDescription: String { model }
  }

  static let faults: [Fault] = [
    Fault(model: "reset", says: "ended the connection in mid-reply", within: 1, text: true),
    Fault(
      model: "stall", says: "stopped in mid-reply and sent nothing more within 0.6 s", within: 1.2,
      text: true),
    Fault(model: "silent", says: "did not begin to answer within 0.8 s", within: 1.4),
    Fault(model: "comments", says: "did not begin to answer within 0.8 s", within: 1.4),
    Fault(model: "drip", says: "did not finish its reply within 3 s", within: 3.6, text: true),
    Fault(model: "bytes", says: "did not begin to answer within 0.8 s", within: 1.4),
    Fault(model: "endless", says: "passed 1048576 bytes", within: 3, text: true),
    Fault(model: "line", says: "passed 1048576 bytes", within: 3),
    Fault(model: "html", says: "answered with text/html", within: 1),
    Fault(model: "redirect", says: "redirects to http://elsewhere.invalid (302)", within: 1),
    Fault(
      model: "401", says: "does not accept the key (401: Incorrect API key provided", within: 1),
    Fault(model: "404", says: "refuses the request (404: no such model)", within: 1),
    Fault(model: "429-long", says: "429: quota): try again in 3600 s", within: 1),
    Fault(model: "500-always", says: "failed 3 times (500: oops)", within: 2),
    Fault(model: "fault", says: "the GPU is on fire", within: 1, text: true),
    Fault(model: "broken", says: "does not speak the protocol", within: 1, text: true),
  ]

  @Test("each fault has its message and keeps its time", arguments: faults)
  func fault(_ fault: Fault) async throws {
    let double = try await ModelDouble()
    var client = try Chat.client(double, model: fault.model)
    client.limits = Chat.quick
    let begun = ContinuousClock.now
    let (text, error) = await Chat.ask(client)
    let took = ContinuousClock.now - begun
    #expect("\(error.map { "\($0)" } ?? "no error")".contains(fault.says))
    #expect(took < .seconds(fault.within))
    #expect(text.isEmpty != fault.text)
    #expect(!"\(error.map { "\($0)" } ?? "")".contains(Chat.key))
    #expect(!"\(error.map { "\($0)" } ?? "")".contains("sk-ab"))
  }

  @Test("a port where nobody listens is told at once")
  func refused() async throws {
    let endpoint = try ModelEndpoint(
      dialect: .openai, baseURL: "http://127.0.0.1:9", model: "m")
    let begun = ContinuousClock.now
    let (_, error) = await Chat.ask(ModelClient(endpoint: endpoint, keys: Chat.keys))
    #expect(
      "\(error.map { "\($0)" } ?? "")".contains("There is no language model at http://127.0.0.1:9"))
    #expect(ContinuousClock.now - begun < .seconds(1))
  }

  @Test("a host that never completes a connection is given up in time")
  func unconnected() async throws {
    // Full backlogs drop connections: a listener that never accepts, filled up.
    let full = try FullListener()
    let endpoint = try ModelEndpoint(
      dialect: .openai, baseURL: "http://127.0.0.1:\(full.port)", model: "m")
    var client = ModelClient(endpoint: endpoint, keys: Chat.keys)
    client.limits = Chat.quick
    client.limits.firstTokenSeconds = 5
    let begun = ContinuousClock.now
    let (_, error) = await Chat.ask(client)
    #expect("\(error.map { "\($0)" } ?? "")".contains("could not be connected to within 0.5 s"))
    #expect(ContinuousClock.now - begun < .seconds(1.5))
  }

  @Test("what fails once is asked again: 429 after its Retry-After, 500, a reset before the reply")
  func again() async throws {
    let double = try await ModelDouble()
    for (model, least, tries) in [("429", 0.95, 2), ("500", 0.1, 3), ("first-reset", 0.02, 2)] {
      var client = try Chat.client(double, model: model)
      client.limits = Chat.quick
      let begun = ContinuousClock.now
      let (events, error) = await Chat.events(client)
      #expect(error == nil)
      #expect(ContinuousClock.now - begun > .seconds(least))
      let result = events.compactMap { if case .finished(let result) = $0 { result } else { nil } }
      #expect(result.first?.tries == tries)
      #expect(events.contains { if case .waiting = $0 { true } else { false } })
    }
  }

  @Test("cancelling ends a request at once, wherever it is")
  func cancel() async throws {
    let double = try await ModelDouble()
    for model in ["silent", "stall", "endless", "429-long", "drip"] {
      var client = try Chat.client(double, model: model)
      client.limits.wholeSeconds = 4000
      let asked = client
      let task = Task { await Chat.ask(asked) }
      try await Task.sleep(for: .milliseconds(300))
      let begun = ContinuousClock.now
      task.cancel()
      _ = await task.value
      #expect(ContinuousClock.now - begun < .milliseconds(200), "\(model)")
    }
  }

  @Test("a server that cannot prove who it is gets nothing; one whose certificate is trusted does")
  func tls() async throws {
    let double = try await ModelDouble(tls: true)
    let stranger = try Chat.client(double, model: "ok")
    let (_, error) = await Chat.ask(stranger)
    #expect("\(error.map { "\($0)" } ?? "")".contains("did not prove who it is"))
    #expect(double.log.isEmpty)
    var endpoint = stranger.endpoint
    endpoint.certificates = double.certificate
    let (text, none) = await Chat.ask(ModelClient(endpoint: endpoint, keys: Chat.keys))
    #expect(none == nil)
    #expect(text == "hello there, musician")
  }
}
