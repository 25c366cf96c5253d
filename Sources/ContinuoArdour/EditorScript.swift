// SPDX-License-Identifier: MIT
import ContinuoOSC
import Foundation
import Glibc

/// Continuo's action in the editor of a running Ardour: what OSC cannot do.
///
/// A job goes into a file, the action is called over OSC, and its answer comes in a file. The action
/// is found by what it wrote when that very process loaded it, and is called only while Ardour's
/// settings hold it at that place, so that no action of the musician's is ever called in its stead.
public struct EditorScript: Sendable {
  /// How long Ardour may take to begin and do a job.
  public static let patience = Duration.seconds(10)

  private let ardour: ArdourClient
  private let locator: SessionLocator
  private let processes: ArdourProcesses

  /// The action in the Ardour that `ardour` speaks with.
  public init(ardour: ArdourClient, locator: SessionLocator = SessionLocator()) {
    self.ardour = ardour
    self.locator = locator
    processes = ArdourProcesses()
  }

  /// Where the action of the running Ardour is.
  struct Place: Hashable, Sendable {
    let process: Int
    let index: Int
    let folder: EditorFolder
  }

  /// Throws unless the action can be called: `noWindow`, `notHere`, `notInstalled`, `notLoaded` or
  /// `unusable`, each as `ArdourError.editor`.
  public func check() throws(ArdourError) { _ = try find() }

  /// The session that Ardour has open, told by the action itself.
  public func sessionName(
    timeout: Duration = EditorScript.patience
  ) async throws(ArdourError) -> String {
    try await perform(.ping, timeout: timeout).session ?? ""
  }

  /// Saves the session, and returns when it is saved.
  ///
  /// OSC's `/save_state` is confirmed by the session's name, which Ardour also tells for other
  /// reasons, such as a list of the strips.
  public func save(timeout: Duration = EditorScript.patience) async throws(ArdourError) {
    _ = try await perform(.save, timeout: timeout)
  }

  /// Makes a MIDI track without an instrument, at the end of the mixer.
  ///
  /// Returns its name as Ardour spells it, which may differ. Throws `refused` when a track or bus
  /// has the name already.
  public func newTrack(
    named name: String, timeout: Duration = EditorScript.patience
  ) async throws(ArdourError) -> String {
    let answer = try await perform(.newTrack(name: name), timeout: timeout)
    guard let track = answer.track else {
      throw .editor(.refused(reason: "it did not tell the new track's name"))
    }
    return track
  }

  func find() throws(ArdourError) -> Place {
    let owners = locator.processIDs(owningUDPPort: ardour.port)
    guard let process = owners.first(where: processes.hasWindow) else {
      throw .editor(
        owners.contains(where: processes.isHeadless)
          ? .noWindow : .notHere(port: ardour.port))
    }
    guard let settings = processes.settings(of: process) else {
      throw .editor(.notHere(port: ardour.port))
    }
    let file = EditorScriptFile(settings: settings)
    do throws(EditorFailure) {
      let state = try file.state()
      guard state != .missing else { throw EditorFailure.notInstalled(settings: settings.path) }
      let folder = EditorFolder(path: file.exchange.path)
      guard case .present(let index) = state else { throw EditorFailure.notLoaded }
      try folder.check()
      let word = try? EditorFolder.read(folder.file("present-\(process)"), limit: 4096).bytes
      guard let presence = EditorPresence(Data(word ?? [])),
        presence.start == processes.start(of: process),
        presence.index == index, presence.version == Self.version
      else { throw EditorFailure.notLoaded }
      return Place(process: process, index: index, folder: folder)
    } catch {
      throw .editor(error)
    }
  }

  /// The version that the action's own text states.
  static let version: Int = {
    let text = String(decoding: EditorScriptFile.source, as: UTF8.self)
    guard let range = text.range(of: "local version = ") else { return 0 }
    return Int(text[range.upperBound...].prefix { $0.isNumber }) ?? 0
  }()

  /// Has `job` done, and returns the action's answer to it.
  func perform(_ job: EditorJob, timeout: Duration) async throws(ArdourError) -> EditorAnswer {
    let place = try find()
    place.folder.sweep(processes)
    return try await place.folder.alone(with: place.process, timeout: timeout) {
      () throws(ArdourError) in try await perform(job, at: place, timeout)
    }
  }

  private func perform(
    _ job: EditorJob, at place: Place, _ timeout: Duration
  ) async throws(ArdourError) -> EditorAnswer {
    let nonce = (0..<4).map { _ in String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16) }
      .joined()
    let request = place.folder.file("job-\(place.process)")
    let reply = place.folder.file("answer-\(place.process)")
    unlink(reply)
    do throws(EditorFailure) {
      try EditorFolder.write(Array(job.text(nonce: nonce).utf8), to: request, mode: 0o600)
    } catch {
      throw .editor(error)
    }
    // Whatever happens, no job is left that a later call would do.
    defer {
      unlink(request)
      unlink(reply)
    }
    let call = OSCMessage("/access_action", [.string("LuaAction/script-\(place.index)")])
    let deadline = ContinuousClock.now + timeout
    var nextCall = ContinuousClock.now
    while ContinuousClock.now < deadline {
      // A packet may be lost; the action does a job once however often it is called.
      if ContinuousClock.now >= nextCall, access(request, F_OK) == 0 {
        try await ardour.send(call)
        nextCall = ContinuousClock.now + .seconds(2)
      }
      if let answer = answer(at: reply, to: nonce) { return try checked(answer) }
      do {
        try await Task.sleep(for: .milliseconds(5))
      } catch {
        if unlink(request) == 0 { throw .cancelled(step: "begin the job") }
        // Begun already: its end is worth waiting for.
        if let answer = await lastAnswer(at: reply, to: nonce) { return try checked(answer) }
        throw .editor(.unanswered(milliseconds: 2000))
      }
    }
    if unlink(request) == 0 { throw .editor(.notBegun(milliseconds: timeout.milliseconds)) }
    if let answer = await lastAnswer(at: reply, to: nonce) { return try checked(answer) }
    throw .editor(.unanswered(milliseconds: timeout.milliseconds))
  }

  private func checked(_ answer: EditorAnswer) throws(ArdourError) -> EditorAnswer {
    if let reason = answer.reason { throw .editor(.refused(reason: reason)) }
    return answer
  }

  private func answer(at path: String, to nonce: String) -> EditorAnswer? {
    guard access(path, F_OK) == 0,
      let bytes = try? EditorFolder.read(path, limit: EditorAnswer.maximumSize).bytes,
      let answer = EditorAnswer(Data(bytes)), answer.nonce == nonce
    else { return nil }
    return answer
  }

  private func lastAnswer(at path: String, to nonce: String) async -> EditorAnswer? {
    await Task.detached { [self] in
      for _ in 0..<200 {
        if let answer = answer(at: path, to: nonce) { return answer }
        try? await Task.sleep(for: .milliseconds(10))
      }
      return nil
    }.value
  }
}
