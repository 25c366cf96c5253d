// SPDX-License-Identifier: MIT
internal import ContinuoMusic
internal import Foundation

/// The map of the control port on disk.
struct ControlFile: Sendable {
  /// Nil when there is no home: then nothing is kept.
  let path: String?

  init(folder: URL?) { path = folder?.appendingPathComponent("control.json").path }

  private struct Form: Codable {
    var version = 1
    var bindings: [String: ControlTrigger] = [:]
  }

  private static let maximumSize = 65_536

  /// The map; an empty one where there is no file.
  /// - Throws: `CommandFailure`, naming the file; it is left as it is.
  func read() throws(CommandFailure) -> ControlMap {
    guard let path, FileManager.default.fileExists(atPath: path) else { return ControlMap() }
    let fault = CommandFailure(
      .failed,
      "\(TerminalText.clean(path)) is no map of the control port and is left as it is: move it away"
    )
    guard let data = FileManager.default.contents(atPath: path), data.count <= Self.maximumSize,
      let form = try? JSONDecoder().decode(Form.self, from: data), form.version == 1
    else { throw fault }
    var bindings: [ControlAction: ControlTrigger] = [:]
    for (name, trigger) in form.bindings {
      guard let action = ControlAction(rawValue: name), trigger.isSound else { throw fault }
      bindings[action] = trigger
    }
    return ControlMap(bindings)
  }

  /// Writes the map, whole or not at all.
  /// - Throws: `CommandFailure`.
  func write(_ map: ControlMap) throws(CommandFailure) {
    guard let path else {
      throw CommandFailure(
        .failed, "it holds until the end: HOME and XDG_STATE_HOME name no folder")
    }
    let named = map.bindings.map { ($0.key.rawValue, $0.value) }
    let form = Form(bindings: Dictionary(uniqueKeysWithValues: named))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    do {
      try FileManager.default.createDirectory(
        at: URL(fileURLWithPath: path).deletingLastPathComponent(),
        withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try WholeFile.write([UInt8](try encoder.encode(form)), to: path, mode: 0o600)
    } catch {
      let reason = (error as? MusicError)?.systemReason ?? error.localizedDescription
      throw CommandFailure(
        .failed,
        "it holds until the end, but \(TerminalText.clean(path)) cannot be written: \(reason)")
    }
  }
}
