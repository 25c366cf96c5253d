// SPDX-License-Identifier: MIT
internal import ContinuoOSC
public import Foundation

/// A client of a session manager that speaks the NSM protocol, version 1 (Non and New Session
/// Manager).
///
/// It announces itself, is told where its project lies and what it is called, saves when it is told
/// to, and says whether there is something to save. The server ends it with SIGTERM.
public actor NSMClient {
  /// The project that the server has this client open.
  public struct Project: Hashable, Sendable {
    /// Where everything is to be kept: a folder that may not be there yet.
    public let folder: URL
    /// The session's name for a person.
    public let displayName: String
    /// This client's name, also in JACK: unlike that of any other client of the session.
    public let clientID: String
  }

  /// The server's name for itself; empty until it answered.
  public private(set) var manager = ""

  private let socket: OSCSocket
  private let port: UInt16
  private var reading: Task<Void, Never>?
  private var announced: CheckedContinuation<Result<Void, NSMError>, Never>?
  private var early: Result<Void, NSMError>?
  private var opened: CheckedContinuation<Project?, Never>?
  private var project: Project?
  private var save: (@Sendable () async -> String?)?
  private var wasDirty: Bool?
  private var lastLabel: String?

  /// The port that `url`, the value of `NSM_URL`, names on this machine.
  public static func port(of url: String) throws(NSMError) -> UInt16 {
    guard let parts = URLComponents(string: url), parts.scheme == "osc.udp", let host = parts.host,
      let number = parts.port, let port = UInt16(exactly: number), port > 0
    else { throw .badURL(url) }
    let own = ProcessInfo.processInfo.hostName
    let names = ["localhost", "127.0.0.1", own, String(own.prefix { $0 != "." })]
    guard names.contains(where: { $0.lowercased() == host.lowercased() }) else {
      throw .badURL(url)
    }
    return port
  }

  /// Joins the server at `url` and waits for the project it gives, each step up to `timeout`.
  ///
  /// `executable` is what the server starts the program by: a name in `PATH`.
  public static func join(
    _ url: String, name: String, executable: String, timeout: Duration = .seconds(5)
  ) async throws(NSMError) -> (client: NSMClient, project: Project) {
    let port = try port(of: url)
    let client: NSMClient
    do { client = NSMClient(try OSCSocket(), port: port) } catch { throw .osc(error) }
    do {
      return (client, try await client.announce(name, executable, timeout))
    } catch {
      await client.close()
      throw error
    }
  }

  private init(_ socket: OSCSocket, port: UInt16) {
    self.socket = socket
    self.port = port
  }

  /// Tells that the project is open, and saves with `save` from now on, which answers why it could
  /// not, or nil.
  public func open(savingWith save: @escaping @Sendable () async -> String?) {
    self.save = save
    reply(to: "/nsm/client/open", "Opened")
  }

  /// Tells that the project could not be opened.
  public func refuse(_ reason: String) {
    fail("/nsm/client/open", .badProject, reason)
  }

  /// Tells whether there is something to save, and what to call this client's part; sent when it
  /// differs from what was told last.
  public func tell(isDirty: Bool, label: String) {
    if wasDirty != isDirty {
      wasDirty = isDirty
      send(OSCMessage(isDirty ? "/nsm/client/is_dirty" : "/nsm/client/is_clean"))
    }
    if lastLabel != label {
      lastLabel = label
      send(OSCMessage("/nsm/client/label", [.string(label)]))
    }
  }

  /// Ends the connection; the protocol has no word for it.
  public func close() {
    reading?.cancel()
    socket.close()
    settle(.failure(.noAnswer(port: port)))
    opened?.resume(returning: nil)
    opened = nil
  }

  // MARK: Joining

  private func announce(
    _ name: String, _ executable: String, _ timeout: Duration
  ) async throws(NSMError) -> Project {
    reading = Task { [weak self, socket] in
      for await received in socket.messages { await self?.receive(received) }
    }
    send(
      OSCMessage(
        "/nsm/server/announce",
        [
          .string(name), .string(":dirty:"), .string(executable), .int32(1), .int32(0),
          .int32(ProcessInfo.processInfo.processIdentifier),
        ]))
    let limit = Task { [weak self] in
      try? await Task.sleep(for: timeout)
      guard !Task.isCancelled else { return }
      await self?.timeIsUp()
    }
    defer { limit.cancel() }
    let answer = await withCheckedContinuation { continuation in
      if let early { continuation.resume(returning: early) } else { announced = continuation }
    }
    try answer.get()
    let given: Project? = await withCheckedContinuation { continuation in
      if let project { continuation.resume(returning: project) } else { opened = continuation }
    }
    guard let given else { throw .noAnswer(port: port) }
    guard given.folder.path.hasPrefix("/"), !given.clientID.isEmpty else {
      let reason = "its folder is no absolute path or its name is empty"
      fail("/nsm/client/open", .badProject, reason)
      throw .badProject(reason: reason)
    }
    return given
  }

  private func timeIsUp() {
    settle(.failure(.noAnswer(port: port)))
    opened?.resume(returning: nil)
    opened = nil
  }

  private func settle(_ answer: Result<Void, NSMError>) {
    if early == nil { early = answer }
    announced?.resume(returning: answer)
    announced = nil
  }

  // MARK: Listening

  private func receive(_ received: OSCSocket.Received) async {
    guard received.port == port else { return }
    let texts = received.message.arguments.map { $0.text ?? "" }
    switch received.message.address {
    case "/reply" where texts.first == "/nsm/server/announce":
      manager = texts.count > 2 ? texts[2] : ""
      settle(.success(()))
    case "/error" where texts.first == "/nsm/server/announce":
      settle(.failure(.refused(reason: texts.count > 2 ? texts[2] : "it gives no reason")))
    case "/nsm/client/open": take(texts)
    case "/nsm/client/save": await saveNow()
    default:
      // Broadcasts, the session's other news and what later versions add are no business of ours.
      break
    }
  }

  private func take(_ texts: [String]) {
    guard texts.count >= 3 else {
      return fail("/nsm/client/open", .general, "a path, a name and a client's name are needed")
    }
    let given = Project(
      folder: URL(fileURLWithPath: texts[0]), displayName: texts[1], clientID: texts[2])
    guard project == nil else {
      guard given != project else { return }
      // Announced without the capability to switch.
      return fail("/nsm/client/open", .notNow, "it holds another project: start it anew")
    }
    guard texts[0].hasPrefix("/") else {
      return fail("/nsm/client/open", .badProject, "the project's path is not absolute")
    }
    project = given
    opened?.resume(returning: given)
    opened = nil
  }

  private func saveNow() async {
    guard let save else {
      return fail("/nsm/client/save", .notNow, "the project is not open yet")
    }
    if let reason = await save() {
      fail("/nsm/client/save", .general, reason)
    } else {
      reply(to: "/nsm/client/save", "Saved")
      wasDirty = false
      send(OSCMessage("/nsm/client/is_clean"))
    }
  }

  // MARK: Sending

  /// The protocol's error numbers.
  private enum Code: Int32 {
    case general = -1
    case notNow = -8
    case badProject = -9
  }

  private func reply(to path: String, _ text: String) {
    send(OSCMessage("/reply", [.string(path), .string(text)]))
  }

  private func fail(_ path: String, _ code: Code, _ text: String) {
    send(OSCMessage("/error", [.string(path), .int32(code.rawValue), .string(text)]))
  }

  /// A server that has gone is noticed by nobody but itself: what cannot be sent is dropped.
  private func send(_ message: OSCMessage) { try? socket.send(message, to: port) }
}
