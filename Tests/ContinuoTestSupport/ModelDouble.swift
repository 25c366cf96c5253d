// SPDX-License-Identifier: MIT
import Foundation

/// A language model's server on loopback that replays a reply, or fails as the model's name says.
///
/// See `Tests/Doubles/model_server.py` for the names.
public final class ModelDouble: Sendable {
  /// One request as the server saw it.
  public struct Request: Decodable, Sendable {
    /// "POST /v1/chat/completions HTTP/1.1".
    public let line: String
    /// Names in lower case.
    public let headers: [String: String]
  }

  public let port: Int
  /// "http://127.0.0.1:PORT", or https.
  public let url: String
  private let child: ChildProcess
  private let folder: TemporaryFolder
  /// With TLS, the certificate that a client must trust.
  public let certificate: String?

  /// Starts a server that replays `reply`.
  public init(replying reply: String = "hello there, musician", tls: Bool = false) async throws {
    let folder = try TemporaryFolder("model")
    self.folder = folder
    try folder.write(reply, to: "reply")
    try folder.write("", to: "log")
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Doubles/model_server.py").path
    var arguments = [script, folder.file("log"), folder.file("reply")]
    if tls {
      let openssl = try ChildProcess.launch(
        "openssl",
        [
          "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
          "-addext", "subjectAltName=DNS:localhost", "-keyout", folder.file("key.pem"), "-out",
          folder.file("certificate.pem"),
        ])
      guard try await openssl.waitForExit() == .exited(0) else {
        throw TestSupportError.failedCommand(command: "openssl req", answer: openssl.errors)
      }
      let both = try ["key.pem", "certificate.pem"].map {
        try String(contentsOfFile: folder.file($0), encoding: .utf8)
      }
      try folder.write(both.joined(), to: "both.pem")
      arguments.append(folder.file("both.pem"))
    }
    certificate = tls ? folder.file("certificate.pem") : nil
    child = try ChildProcess.launch("python3", arguments, name: "model double")
    let line = try await child.nextLine()
    guard let port = Int(line) else {
      throw TestSupportError.failedCommand(command: "model_server.py", answer: line)
    }
    self.port = port
    url = tls ? "https://localhost:\(port)" : "http://127.0.0.1:\(port)"
  }

  /// Every request so far.
  public var requests: [Request] {
    get throws {
      try log.split(separator: "\n").map {
        try JSONDecoder().decode(Request.self, from: Data($0.utf8))
      }
    }
  }

  /// Every request so far, a line of JSON each, bodies included.
  public var log: String {
    (try? String(contentsOfFile: folder.file("log"), encoding: .utf8)) ?? ""
  }
}
