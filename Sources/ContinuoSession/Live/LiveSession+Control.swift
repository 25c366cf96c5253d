// SPDX-License-Identifier: MIT
internal import ContinuoRealtime
internal import Foundation

/// What comes in at the control port.
struct ControlDesk {
  var map = ControlMap()
  let file: ControlFile
  /// Why the map on disk is not this one; nil when it is.
  var fault: String?
  /// What a second press of `keep` does, and when the first was told of it.
  var asked: (command: Command, at: ContinuousClock.Instant)?
  /// The action that a press was learned for last, and what was told of it.
  var learned: (action: ControlAction, trigger: ControlTrigger, words: String)?
}

/// Pedals, pads and keys that are no music.
extension LiveSession {
  /// The control port's number, after the inputs that are followed.
  static let controlPort = inputCount + 1
  /// Messages of the control port that wait.
  static let mostControls = 256
  /// A second press of `keep` within this keeps.
  private static let agreeing = Duration.seconds(3)
  /// How long a press is waited for.
  private static let learning = Duration.seconds(30)

  /// Reads the map of the control port; a file that is none is told and left as it is.
  static func controlDesk(_ settings: Settings, _ notice: ProgressSink) -> ControlDesk? {
    guard settings.hasControl else { return nil }
    var desk = ControlDesk(file: ControlFile(folder: settings.stateFolder))
    do throws(CommandFailure) {
      desk.map = try desk.file.read()
    } catch {
      desk.fault = error.message
      notice(error.message)
    }
    return desk
  }

  /// Hears the control port, one message after the other.
  func hearControls(_ messages: AsyncStream<[UInt8]>) async {
    for await bytes in messages { hearControl(bytes) }
  }

  private func hearControl(_ bytes: [UInt8]) {
    switch control?.map.hear(bytes) {
    case .learned(let action, let trigger, let before):
      let moved = before.map { ", and no longer does \($0.rawValue)" } ?? ""
      let words = "\(trigger) does \(action.rawValue) from now on\(moved)\(saveControls())"
      control?.learned = (action, trigger, words)
    case .pressed(let action):
      // Each runs beside the others: `panic` does not wait for `keep`.
      Task { await press(action) }
    case nil: break
    }
  }

  /// Puts the map away; what is to be said when that failed.
  private func saveControls() -> String {
    guard let control else { return "" }
    do throws(CommandFailure) {
      guard control.fault == nil else {
        throw CommandFailure(.failed, "it holds until the end: \(control.fault ?? "")")
      }
      try control.file.write(control.map)
      return ""
    } catch {
      return "; \(error.message)"
    }
  }

  private func press(_ action: ControlAction) async {
    var command = action.command
    if action == .keep {
      if let asked = control?.asked, ContinuousClock.now - asked.at <= Self.agreeing {
        command = asked.command
      }
      control?.asked = nil
    }
    let notice = notice
    let reply = await handle(command) { notice("\(action.rawValue): \($0)") }
    for line in reply.question == nil ? Array(reply.lines.prefix(1)) : reply.lines {
      notice("\(action.rawValue): \(line)")
    }
    if reply.question != nil, case .int(let number)? = reply.data["candidate"] {
      // What was told of, whatever sounds by then.
      control?.asked = (.keep(candidate: number, agreed: true), .now)
      notice("\(action.rawValue): press again within three seconds to do it")
    } else if let error = reply.error {
      notice("\(action.rawValue): \(error)")
    }
  }

  /// Tells or changes what is bound; waits for the press where one is to be learned.
  func learn(_ request: LearnRequest) async throws -> Reply {
    guard control != nil else {
      throw CommandFailure(
        .failed, "There is no control port: start Continuo with --control, or set control = true")
    }
    switch request {
    case .list: return controlsReply()
    case .cancel:
      control?.map.waitsFor = nil
      return .done(["Waiting for no press"])
    case .clear(let action):
      let was = control?.map.clear(action)
      let trouble = saveControls()
      return .done(
        [
          (was.map { "\($0) does \(action.rawValue) no longer" }
            ?? "Nothing was bound to \(action.rawValue)") + trouble
        ], data: ["action": .string(action.rawValue), "was": was.map { .string("\($0)") } ?? .null])
    case .learn(let action): return try await wait(for: action)
    }
  }

  private func wait(for action: ControlAction) async throws -> Reply {
    control?.map.waitsFor = action
    control?.learned = nil
    notice(
      "Press what is to do \(action.rawValue), on \(settings.name):control; learn cancel gives up")
    let deadline = ContinuousClock.now + Self.learning
    while control?.map.waitsFor == action {
      guard ContinuousClock.now < deadline, !Task.isCancelled else {
        control?.map.waitsFor = nil
        if Task.isCancelled { throw CancellationError() }
        throw CommandFailure(
          .failed, "Nothing was pressed in 30 s: is it connected to \(settings.name):control?")
      }
      try? await Task.sleep(for: .milliseconds(20))
    }
    guard let learned = control?.learned, learned.action == action else {
      throw CommandFailure(.failed, "Nothing was learned: another press is waited for, or none")
    }
    return .done(
      [learned.words],
      data: ["action": .string(action.rawValue), "trigger": .string("\(learned.trigger)")])
  }

  private func controlsReply() -> Reply {
    let bindings = control?.map.bindings ?? [:]
    let lines = ControlAction.allCases.map { action in
      "\(action.rawValue.padding(to: 10))\(bindings[action].map { "\($0)" } ?? "nothing yet")"
    }
    return .done(
      lines + (control?.fault.map { [$0] } ?? []),
      data: [
        "port": .string("\(settings.name):control"),
        "bindings": .object(
          Dictionary(
            uniqueKeysWithValues: bindings.map { ($0.key.rawValue, .string("\($0.value)")) })),
      ])
  }
}
