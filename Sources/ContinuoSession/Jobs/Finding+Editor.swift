// SPDX-License-Identifier: MIT
internal import ContinuoArdour

extension Finding {
  /// Whether `import`, `undo` and making tracks are possible in the Ardour `client` speaks with.
  static func editor(of client: ArdourClient) -> Finding {
    let name = "Ardour's editor"
    do throws(ArdourError) {
      try EditorScript(ardour: client).check()
      return Finding(
        check: name, verdict: .good, found: "has Continuo's action: import, undo, new tracks",
        mend: nil)
    } catch {
      guard case .editor(.noWindow) = error else {
        return Finding(
          check: name, verdict: .doubtful, found: "import, undo and new tracks are not possible",
          mend: TerminalText.clean(error.description))
      }
      return Finding(
        check: name, verdict: .doubtful,
        found: "Ardour runs without its window: no import, undo or new tracks",
        mend: "for these, open the session in Ardour with its window; keep records without it")
    }
  }
}
