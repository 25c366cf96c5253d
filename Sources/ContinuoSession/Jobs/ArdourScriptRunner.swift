// SPDX-License-Identifier: MIT
internal import ContinuoArdour
internal import Foundation

/// `continuo install-ardour-script`: puts Continuo's action into Ardour's editor, or takes it out.
struct ArdourScriptRunner {
  let job: ArdourScriptJob

  func run() -> Reply {
    do throws(EditorFailure) {
      let settings =
        if let path = job.settings {
          URL(fileURLWithPath: path)
        } else {
          try EditorScriptFile.newestSettings()
        }
      let file = EditorScriptFile(settings: settings)
      return reply(try job.removes ? file.remove() : file.install())
    } catch {
      return .failed(.failed, "\(error)")
    }
  }

  private func reply(_ change: EditorScriptFile.Change) -> Reply {
    let file = TerminalText.clean(change.file.path)
    var lines: [String] = []
    var index: JSONValue = .null
    switch (change.after, change.isChange) {
    case (.present(let place), let isChange):
      index = .int(place)
      lines.append(
        isChange
          ? "Continuo's action is in \(file) now, as LuaAction/script-\(place)"
          : "Continuo's action was in \(file) already, as LuaAction/script-\(place)")
    case (_, true): lines.append("Continuo's action is out of \(file)")
    case (_, false): lines.append("Continuo's action was not in \(file)")
    }
    if change.isChange {
      if !change.others.isEmpty {
        let names = change.others.map { "\"\(TerminalText.clean($0))\"" }
        lines.append("Your own actions are kept: \(names.joined(separator: ", "))")
      }
      if let backup = change.backup {
        lines.append("The file as it was: \(TerminalText.clean(backup.path))")
      }
    }
    lines += advice(change)
    return .done(
      lines,
      data: [
        "installed": .bool(!job.removes), "changed": .bool(change.isChange), "index": index,
        "file": .string(change.file.path),
        "backup": change.backup.map { .string($0.path) } ?? .null,
        "others": .array(change.others.map { .string($0) }),
        "running": .array(change.running.map { .int($0) }),
      ])
  }

  /// A running Ardour knows nothing of the file, and writes its own over it when asked to.
  private func advice(_ change: EditorScriptFile.Change) -> [String] {
    guard change.isChange else { return [] }
    guard !change.running.isEmpty else {
      return job.removes ? [] : ["Ardour has it from its next start on"]
    }
    return [
      "Ardour is running: save and open the session anew, or start Ardour again",
      "Until then add no action and take none out in its Script Manager, which would write its own "
        + "list over this one",
    ]
  }
}
