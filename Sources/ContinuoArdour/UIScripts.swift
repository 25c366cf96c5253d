// SPDX-License-Identifier: MIT

/// Ardour's editor actions as it stores them: a list of Lua assignments, read as data, never run.
///
/// Ardour writes `scripts = {} scripts[1] = {} scripts[1]["n"] = "name" …`, with an action's name
/// under `n`, its text under `s`, its compiled form under `f` and its arguments under `a`. What is
/// not Continuo's stays byte for byte as it was.
struct UIScripts: Hashable, Sendable {
  /// One action.
  struct Action: Hashable, Sendable {
    /// Its place: Ardour calls it `LuaAction/script-<index>`.
    var index: Int
    var name: String
    /// Its Lua.
    var source: [UInt8]
    var folder: String?
  }

  /// Ardour 7.3 has actions 1 to 32; the first twelve have buttons.
  static let places = 1...32
  /// The action's name in Ardour's menus.
  static let name = "Continuo"
  /// How the Lua of Continuo's action begins, whatever its version.
  static let mark = [UInt8](
    "-- SPDX-License-Identifier: MIT\n-- Continuo's action in Ardour's ".utf8)

  /// The assignments, as they are stored.
  private(set) var text: [UInt8]
  private var statements: [LuaAssignments.Statement]

  /// No action at all.
  init() {
    text = Array("scripts = {} ".utf8)
    statements = (try? LuaAssignments.read(text)) ?? []
  }

  /// Reads what is stored.
  ///
  /// Throws `LuaAssignments.Malformed` for anything that Ardour does not write.
  init(_ text: [UInt8]) throws(LuaAssignments.Malformed) {
    self.text = text
    statements = try LuaAssignments.read(text)
  }

  /// All actions, by place.
  var actions: [Action] {
    var found: [Int: Action] = [:]
    for statement in statements {
      guard case .number(let index)? = statement.keys.first else { continue }
      found[index, default: Action(index: index, name: "", source: [])]
        .set(statement.keys.dropFirst(), statement.value)
    }
    return found.values.sorted { $0.index < $1.index }
  }

  /// Continuo's action; the last when there are several.
  var own: Action? { actions.last { $0.source.starts(with: Self.mark) } }

  /// Takes every action of Continuo's out.
  mutating func removeOwn() {
    let indices = Set(actions.filter { $0.source.starts(with: Self.mark) }.map(\.index))
    guard !indices.isEmpty else { return }
    for statement in statements.reversed() {
      guard case .number(let index)? = statement.keys.first, indices.contains(index) else {
        continue
      }
      text.removeSubrange(statement.range)
    }
    statements = (try? LuaAssignments.read(text)) ?? []
  }

  /// Puts Continuo's action in, at the place it had or else at the last free one.
  ///
  /// Returns its place; nil when all are taken.
  mutating func setOwn(source: [UInt8], folder: String) -> Int? {
    let before = own?.index
    removeOwn()
    let taken = Set(actions.map(\.index))
    guard let index = before ?? Self.places.last(where: { !taken.contains($0) }) else { return nil }
    let head = "scripts[\(index)]"
    func add(_ field: String, _ value: [UInt8]) {
      text += Array("\(head)\(field) = ".utf8) + value + [0x20]
    }
    if text.last != 0x20 { text.append(0x20) }
    add("", Array("{}".utf8))
    add("[\"n\"]", LuaAssignments.quoted(Array(Self.name.utf8)))
    add("[\"s\"]", LuaAssignments.quoted(source))
    add("[\"f\"]", LuaAssignments.quoted(source))
    add("[\"a\"]", Array("{}".utf8))
    add("[\"a\"][\"folder\"]", LuaAssignments.quoted(Array(folder.utf8)))
    add("[\"a\"][\"index\"]", Array("\(index)".utf8))
    statements = (try? LuaAssignments.read(text)) ?? []
    return index
  }
}

extension UIScripts.Action {
  fileprivate mutating func set(
    _ keys: ArraySlice<LuaAssignments.Key>, _ value: LuaAssignments.Value
  ) {
    guard case .string(let bytes) = value else { return }
    switch Array(keys) {
    case [.text("n")]: name = String(decoding: bytes, as: UTF8.self)
    case [.text("s")]: source = bytes
    case [.text("a"), .text("folder")]: folder = String(decoding: bytes, as: UTF8.self)
    default: break
    }
  }
}
