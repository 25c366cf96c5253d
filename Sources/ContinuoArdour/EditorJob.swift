// SPDX-License-Identifier: MIT
import Foundation

/// What Continuo's action in Ardour's editor is asked to do.
///
/// It crosses as lines of a key and a value, where every text is hexadecimal: the action reads data
/// and has no way to take a track's name for Lua.
enum EditorJob: Hashable, Sendable {
  /// Tell the session's name.
  case ping
  /// Save the session; the answer comes when it is saved.
  case save
  /// Put a Standard MIDI File on a track's timeline, at a place in 1/1920 quarters.
  case importFile(path: String, track: String, position: Int)
  /// Take regions off a track, as one undoable step.
  case removeRegions([String], track: String)
  /// Make a MIDI track.
  case newTrack(name: String)

  /// The file that the action reads; `nonce` comes back in its answer.
  func text(nonce: String) -> String {
    let lines: [String] =
      switch self {
      case .ping: ["job ping"]
      case .save: ["job save"]
      case .importFile(let path, let track, let position):
        ["job import", "track \(hex(track))", "file \(hex(path))", "position \(position)"]
      case .removeRegions(let ids, let track):
        ["job remove", "track \(hex(track))"] + ids.map { "region \($0)" }
      case .newTrack(let name): ["job track", "name \(hex(name))"]
      }
    return (["continuo-job 1", "nonce \(nonce)"] + lines + ["end", ""]).joined(separator: "\n")
  }
}

/// What the action wrote when it had done a job, or had not.
struct EditorAnswer: Hashable, Sendable {
  var nonce = ""
  /// Why the job was not done; nil when it was.
  var reason: String?
  /// The session's name, after `ping`.
  var session: String?
  /// The track that was made, as Ardour spells it.
  var track: String?
  /// The regions that were made.
  var regions: [String] = []

  /// Larger answers are refused, in bytes.
  static let maximumSize = 65_536

  /// Reads an answer; nil for anything else, and for one that is not whole.
  init?(_ data: Data) {
    guard data.count <= Self.maximumSize, let text = String(validating: data, as: UTF8.self)
    else { return nil }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.first == "continuo-answer 1", lines.popLast() == "", lines.popLast() == "end"
    else { return nil }
    var isDone: Bool?
    for line in lines.dropFirst() {
      let parts = line.split(separator: " ", omittingEmptySubsequences: false)
      guard parts.count == 2 else { return nil }
      switch (parts[0], parts[1]) {
      case ("nonce", let value): nonce = String(value)
      case ("status", "done"): isDone = true
      case ("status", "failed"): isDone = false
      case ("region", let value) where value.count <= 20 && value.allSatisfy(\.isASCIIDigit):
        regions.append(String(value))
      case ("reason", let value): reason = plain(value)
      case ("session", let value): session = plain(value)
      case ("track", let value): track = plain(value)
      default: return nil
      }
    }
    guard let isDone, isDone == (reason == nil) else { return nil }
  }
}

/// What the action wrote when a process of Ardour's loaded it.
struct EditorPresence: Hashable, Sendable {
  /// When the process began, as /proc tells it.
  let start: String
  /// The action's place among Ardour's: it is `LuaAction/script-<index>`.
  let index: Int
  /// The version of the action that was loaded.
  let version: Int

  /// Reads a presence; nil for anything else.
  init?(_ data: Data) {
    let lines = String(decoding: data.prefix(512), as: UTF8.self).split(separator: "\n")
    guard lines.count == 5, lines[0] == "continuo-present 1", lines[4] == "end",
      lines[1].hasPrefix("start "), lines[2].hasPrefix("index "), lines[3].hasPrefix("version "),
      let index = Int(lines[2].dropFirst(6)), UIScripts.places.contains(index),
      let version = Int(lines[3].dropFirst(8))
    else { return nil }
    start = String(lines[1].dropFirst(6))
    self.index = index
    self.version = version
  }
}

private func hex(_ text: String) -> String {
  text.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}

/// The text of hexadecimal digits; nil when they are none, or no UTF-8.
private func plain(_ digits: Substring) -> String? {
  let values = digits.map { $0.isASCII ? $0.hexDigitValue : nil }
  guard values.count.isMultiple(of: 2), !values.contains(nil) else { return nil }
  let nibbles = values.compactMap { $0.map(UInt8.init) }
  let bytes = stride(from: 0, to: nibbles.count, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
  return String(decoding: bytes, as: UTF8.self)
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
