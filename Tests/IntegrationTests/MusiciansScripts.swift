// SPDX-License-Identifier: MIT
import Foundation

/// Editor actions of the musician's own, as Ardour stores them.
enum MusiciansScripts {
  /// LuaAction/script-1 moves what was imported into Bass to quarter 40.
  static let move = """
    return function ()
      local track = Session:route_by_name ("Bass"):to_track ()
      for region in track:playlist ():region_list ():iter () do
        if region:name ():find ("Continuo") then
          region:set_position (Temporal.timepos_t.from_ticks (1920 * 40))
        end
      end
    end
    """
  /// LuaAction/script-2 takes a note out of what was imported into Bass.
  static let edit = """
    return function ()
      local track = Session:route_by_name ("Bass"):to_track ()
      for region in track:playlist ():region_list ():iter () do
        if region:name ():find ("Continuo") then
          local model = region:to_midiregion ():model ()
          local command = model:new_note_diff_command ("mine")
          for note in ARDOUR.LuaAPI.note_list (model):iter () do command:remove (note) break end
          model:apply_diff_command_as_commit (Session, command)
        end
      end
    end
    """

  /// The actions as Ardour's serialiser writes them.
  static let stored =
    "scripts = {} " + action(1, "Move \"mine\"", move) + action(2, "Edit mine", edit)

  /// Writes the file that Ardour keeps them in.
  static func write(to settings: URL) throws {
    try FileManager.default.createDirectory(at: settings, withIntermediateDirectories: true)
    let content = Data(stored.utf8).base64EncodedString()
    try """
    <?xml version="1.0" encoding="UTF-8"?>
    <UIScripts>
      <ActionScript lua="Lua 5.3">\(content)</ActionScript>
      <ActionHooks/>
    </UIScripts>

    """.write(
      to: settings.appendingPathComponent("ui_scripts"), atomically: true, encoding: .utf8)
  }

  /// What the file holds, decoded.
  static func read(from settings: URL) throws -> String {
    let text = try String(
      contentsOf: settings.appendingPathComponent("ui_scripts"), encoding: .utf8)
    let content = text.components(separatedBy: "Lua 5.3\">").last?.components(separatedBy: "<")
    return String(decoding: Data(base64Encoded: content?.first ?? "") ?? Data(), as: UTF8.self)
  }

  private static func action(_ index: Int, _ name: String, _ source: String) -> String {
    func quoted(_ text: String) -> String {
      let escaped = text.map { "\"\\\n".contains($0) ? "\\\($0)" : "\($0)" }.joined()
      return "\"\(escaped)\""
    }
    let place = "scripts[\(index)]"
    return "\(place) = {} \(place)[\"s\"] = \(quoted(source)) \(place)[\"c\"] = true "
      + "\(place)[\"n\"] = \(quoted(name)) \(place)[\"f\"] = \(quoted(source)) \(place)[\"a\"] = {} "
  }
}
