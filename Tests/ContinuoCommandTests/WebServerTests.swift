// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Testing

/// The page's server in the running program, around a session without JACK, and hostile visitors.
@Suite(.serialized) struct WebServerTests {
  /// The program serving, and what its token file says.
  struct Served {
    let run: ProgramRun
    let port: UInt16
    let token: String

    init(options: [String] = []) async throws {
      run = try ProgramRun(["serve"] + options)
      let file = run.folder.appendingPathComponent("continuo/continuo.web")
      try await run.wait(for: "the token's file") {
        ((try? Data(contentsOf: file))?.last ?? 0) == 0x0a
      }
      let facts = try JSONDecoder().decode([String: String].self, from: Data(contentsOf: file))
      token = try #require(facts["token"])
      port = try #require(facts["address"].flatMap { URL(string: $0)?.port }.map { UInt16($0) })
      let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions]
      #expect(mode as? Int == 0o600)
    }

    /// The port of the OSC surface, as `status` tells it.
    func surfacePort() async throws -> UInt16 {
      let visitor = try Visitor(port: port)
      visitor.send(post(#"{"status":{}}"#))
      let told = try #require(visitor.answer().body.firstMatch(of: /OSC surface: port (\d+)/))
      return try #require(UInt16(told.1))
    }

    func end() async {
      run.signal(SIGTERM)
      let outcome = await run.finish()
      #expect(outcome.status == 0)
      let file = run.folder.appendingPathComponent("continuo/continuo.web")
      #expect(!FileManager.default.fileExists(atPath: file.path))
      run.remove()
    }

    /// A request's head, with the right host and token unless told otherwise.
    func head(
      _ line: String, host: String? = nil, token: String? = nil, more: [String] = []
    ) -> String {
      let lines =
        [
          "\(line) HTTP/1.1", "Host: \(host ?? "127.0.0.1:\(port)")",
          "Authorization: Bearer \(token ?? self.token)",
        ] + more
      return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }

    func post(_ body: String, more: [String] = []) -> String {
      head(
        "POST /api/command",
        more: ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"] + more)
        + body
    }

    func upgrade(origin: String?, token: String? = nil) -> String {
      head(
        "GET /api/events",
        more: [
          "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          "Sec-WebSocket-Protocol: continuo, token.\(token ?? self.token)",
        ] + (origin.map { ["Origin: \($0)"] } ?? []))
    }

    /// The status of the answer to `text` on a connection of its own; nil when there is none.
    func status(_ text: String) throws -> Int? {
      let visitor = try Visitor(port: port)
      visitor.send(text)
      return visitor.status()
    }

    /// Whether the program still carries a command out.
    func answers() throws -> Bool { try status(post(#"{"status":{}}"#)) == 200 }

    /// Kilobytes of the program that lie in memory.
    var residentKilobytes: Int {
      let text = (try? String(contentsOfFile: "/proc/\(run.pid)/status", encoding: .utf8)) ?? ""
      let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
      return Int(line.filter(\.isNumber)) ?? .max
    }
  }

  @Test func `a command gets the reply that the control socket gives`() async throws {
    let served = try await Served()
    let visitor = try Visitor(port: served.port)
    visitor.send(served.post(#"{"keep":{"candidate":7}}"#))
    let (status, body) = visitor.answer()
    #expect(status == 200)
    let reply = try #require(
      try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
    #expect(reply["exit"] as? Int == 2)
    #expect((reply["data"] as? [String: Any])?["asks"] as? String == "Keep it?")
    #expect(try served.status(served.head("GET /api/status")) == 200)
    #expect(try served.status(served.head("GET /api/candidates")) == 200)
    #expect(
      try served.status(served.post(#"{"audition":{"candidate":0,"quantise":"bar"}}"#)) == 400)
    #expect(try served.status(served.post("[")) == 400)
    await served.end()
  }

  @Test func `what the document describes is there, and refuses without a token`() async throws {
    let served = try await Served()
    let visitor = try Visitor(port: served.port)
    visitor.send(served.head("GET /api/openapi.json"))
    let (status, body) = visitor.answer()
    #expect(status == 200)
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
    let paths = try #require(document["paths"] as? [String: [String: Any]])
    #expect(
      paths.keys.sorted() == [
        "/api/candidates", "/api/command", "/api/events", "/api/openapi.json", "/api/status",
      ])
    for (path, methods) in paths {
      for method in methods.keys {
        let line = "\(method.uppercased()) \(path)"
        let operation = try #require(methods[method] as? [String: Any])
        let responses = try #require(operation["responses"] as? [String: Any])
        let more = method == "post" ? ["Content-Type: application/json", "Content-Length: 0"] : []
        let answered = try served.status(served.head(line, more: more))
        #expect(responses[String(answered ?? 0)] != nil, "\(line) answered \(answered ?? 0)")
        #expect(try served.status(served.head(line, token: "wrong", more: more)) == 401)
      }
      let other = methods.keys.contains("post") ? "GET" : "DELETE"
      let status = try served.status(served.head("\(other) \(path)"))
      #expect(status == 405 || status == 426)
    }
    await served.end()
  }

  @Test func `strangers are refused by token, host and origin`() async throws {
    let served = try await Served()
    let almost = String(served.token.dropLast()) + (served.token.hasSuffix("0") ? "1" : "0")
    for token in ["", "x", almost, served.token + "0"] {
      #expect(try served.status(served.head("GET /api/status", token: token)) == 401)
      let upgrade = served.upgrade(origin: "http://127.0.0.1:\(served.port)", token: token)
      #expect(try served.status(upgrade) == 426)
    }
    for host in ["evil.example", "127.0.0.1", "127.0.0.1:1", "evil.example:\(served.port)", ""] {
      #expect(try served.status(served.head("GET /", host: host)) == 421)
    }
    for origin in [
      "http://evil.example", "null", "https://127.0.0.1:\(served.port)", "http://127.0.0.1:1",
    ] {
      let more = ["Origin: \(origin)"]
      #expect(try served.status(served.post(#"{"stop":{}}"#, more: more)) == 403)
      #expect(try served.status(served.upgrade(origin: origin)) == 403)
    }
    #expect(try served.status(served.upgrade(origin: nil)) != 101)
    #expect(try served.status(served.upgrade(origin: "http://127.0.0.1:\(served.port)")) == 101)
    #expect(
      try served.status(served.post(#"{"stop":{}}"#, more: ["Sec-Fetch-Site: cross-site"])) == 403)
    #expect(try served.answers())
    await served.end()
  }

  @Test func `no path leads to a file on disk`() async throws {
    let served = try await Served()
    for path in [
      "/../etc/passwd", "/..%2f..%2fetc/passwd", "//etc/passwd", "/page.css/../../etc/passwd",
      "/%2e%2e/etc/passwd", "/etc/passwd", "/page.js%00", "file:///etc/passwd",
      "/api/../etc/passwd",
    ] {
      #expect(try served.status(served.head("GET \(path)")) == 404, "\(path)")
    }
    for path in ["/", "/page.css", "/page.js", "/roll.js"] {
      let visitor = try Visitor(port: served.port)
      visitor.send(served.head("GET \(path)"))
      let text = visitor.text { $0.contains("\r\n\r\n") }
      #expect(text.hasPrefix("HTTP/1.1 200"))
      #expect(text.contains("default-src 'none'"))
      #expect(text.contains("nosniff"))
    }
    await served.end()
  }

  @Test func `idle, slow and huge visitors hold nothing up`() async throws {
    let served = try await Served()
    #expect(try served.answers())
    let before = served.residentKilobytes
    // A thousand, or as many as this process may open; ten thousand take 84 s in a debug build.
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let count = min(1000, max(Int(clamping: limit.rlim_cur) - 400, 100))
    var idle: [Visitor] = []
    for index in 0..<count {
      let visitor = try Visitor(port: served.port)
      if index.isMultiple(of: 2) { visitor.send("POST /api/command HTTP/1.1\r\nHost: ") }
      idle.append(visitor)
    }
    #expect(try served.answers())
    // A body that never comes, one that is too long, and one that does not tell how long it is.
    let slow = try Visitor(port: served.port)
    slow.send(
      served.head(
        "POST /api/command", more: ["Content-Type: application/json", "Content-Length: 1000"]) + "{"
    )
    let began = ContinuousClock.now
    #expect(
      try served.status(served.head("POST /api/command", more: ["Content-Length: 1073741824"]))
        == 413
    )
    let endless = try Visitor(port: served.port)
    endless.send(
      served.head(
        "POST /api/command", more: ["Content-Type: application/json", "Transfer-Encoding: chunked"])
    )
    let chunk = "10000\r\n" + String(repeating: " ", count: 65_536) + "\r\n"
    var sent = 0
    while sent < 16_384, endless.send(chunk) { sent += 1 }
    #expect(sent < 16_384, "a gigabyte was taken")
    let wide = try Visitor(port: served.port)
    var fields = 0
    wide.send("GET / HTTP/1.1\r\nHost: 127.0.0.1:\(served.port)\r\n")
    while fields < 10_000, wide.send("X-\(fields): \(String(repeating: "x", count: 1000))\r\n") {
      fields += 1
    }
    #expect(fields < 10_000, "ten megabytes of header were taken")
    #expect(try served.answers())
    // The slow body's time runs out.
    #expect(slow.isClosed(within: 15))
    #expect(ContinuousClock.now - began < .seconds(15))
    let grown = served.residentKilobytes - before
    #expect(grown < 20_000, "\(grown) kB more in memory after \(count) connections")
    await served.end()
    withExtendedLifetime(idle) {}
  }

  @Test func `malformed frames end their own connection only`() async throws {
    let served = try await Served()
    let frames: [[UInt8]] = [
      [0x81, 0x01, 0x41],  // not masked
      [0xFF, 0x80, 0, 0, 0, 0],  // reserved bits and an unknown opcode
      [0x81, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0],  // 2^63 bytes
      [0x89, 0xFE, 0x04, 0x00, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 1024),  // a long ping
      [0x01, 0x80, 0, 0, 0, 0],  // a text in parts
      [0x80, 0x80, 0, 0, 0, 0],  // the rest of nothing
      [0xC1, 0x80, 0, 0, 0, 0],  // compressed, which was not agreed to
    ]
    for frame in frames {
      let visitor = try Visitor(port: served.port)
      visitor.send(served.upgrade(origin: "http://127.0.0.1:\(served.port)"))
      #expect(visitor.status() == 101)
      visitor.send(bytes: frame)
      #expect(visitor.isClosed(within: 5), "\(frame.prefix(4))")
    }
    #expect(try served.answers())
    await served.end()
  }

  @Test func `who goes away takes the command back`() async throws {
    let served = try await Served()
    var visitor: Visitor? = try Visitor(port: served.port)
    visitor?.send(served.post(#"{"enhance":{"request":{"request":"take your time"}}}"#))
    try await served.run.wait(for: "the command's beginning") {
      served.run.events.contains("began")
    }
    visitor = nil
    try await served.run.wait(for: "its end") { served.run.events.contains("cancelled") }
    await served.end()
  }

  @Test func `events come to a listener of the right origin, with the news of commands`()
    async throws
  {
    let served = try await Served()
    let listener = try Visitor(port: served.port)
    listener.send(served.upgrade(origin: "http://localhost:\(served.port)"))
    #expect(listener.status() == 403)
    let right = try Visitor(port: served.port)
    right.send(served.upgrade(origin: "http://127.0.0.1:\(served.port)"))
    let text = right.text { $0.contains("\"song\"") }
    #expect(text.contains("Sec-WebSocket-Protocol: continuo\r\n"))
    #expect(text.contains("\"song\":null"))
    #expect(try served.status(served.post(#"{"stop":{}}"#)) == 200)
    // The stub says how a command gets on.
    #expect(right.text { $0.contains("hearing") }.contains("\"news\":[\"hearing\"]"))
    await served.end()
  }
}
