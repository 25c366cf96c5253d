// SPDX-License-Identifier: MIT
public import Foundation

/// The file in Ardour's settings that holds its editor actions, among them Continuo's.
///
/// The musician's own actions and hooks stay byte for byte as they are. Ardour reads the file when
/// it opens a session, and writes it whenever an action is added or taken out in its own Script
/// Manager, with the actions that it has loaded and no others.
public struct EditorScriptFile: Sendable {
  /// What the file holds of Continuo.
  public enum State: Hashable, Sendable {
    /// No action of Continuo's.
    case missing
    /// This Continuo's action, as `LuaAction/script-<index>`.
    case present(index: Int)
    /// Another version's, or one for another folder.
    case outdated(index: Int)
  }

  /// What installing or removing did.
  public struct Change: Hashable, Sendable {
    /// How it was before.
    public let before: State
    /// How it is now.
    public let after: State
    /// The file.
    public let file: URL
    /// The copy of the file as it was; nil when it was not there or did not change.
    public let backup: URL?
    /// The names of the other actions, which were kept.
    public let others: [String]
    /// The Ardours that run with these settings; they know nothing of the change yet.
    public let running: [Int]

    /// Whether the file changed.
    public var isChange: Bool { before != after }
  }

  /// Larger files are not read, in bytes.
  public static let maximumSize = 16 << 20

  /// Ardour's settings folder, such as `~/.config/ardour7`.
  public let settings: URL
  private let processes: ArdourProcesses

  /// The action's file in `settings`.
  public init(settings: URL, processes: URL = URL(fileURLWithPath: "/proc")) {
    self.settings = settings
    self.processes = ArdourProcesses(folder: processes)
  }

  /// The settings folder of the newest Ardour below `$XDG_CONFIG_HOME`, or `~/.config`.
  ///
  /// Throws `EditorFailure.unusable` when no Ardour has made one.
  public static func newestSettings(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(EditorFailure) -> URL {
    let base = ArdourProcesses.configuration(environment)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: base.path)) ?? []
    let versions = names.compactMap { name in
      name.hasPrefix("ardour") ? Int(name.dropFirst(6)).map { ($0, name) } : nil
    }
    guard let newest = versions.max(by: { $0.0 < $1.0 }) else {
      throw .unusable(
        path: "\(base.path)/ardour7",
        reason: "it is not there; start Ardour once, or name its folder with --settings")
    }
    return base.appendingPathComponent(newest.1)
  }

  /// The folder where jobs and answers are, in the settings and this user's alone.
  var exchange: URL { settings.appendingPathComponent("continuo") }
  private var file: URL { settings.appendingPathComponent("ui_scripts") }
  static let source = PackageResources.EditorAction_lua

  /// What the file holds now.
  public func state() throws(EditorFailure) -> State { state(of: try read().scripts) }

  private func state(of scripts: UIScripts) -> State {
    guard let own = scripts.own else { return .missing }
    let isCurrent = own.source == Self.source && own.folder == exchange.path
    return isCurrent ? .present(index: own.index) : .outdated(index: own.index)
  }

  /// Puts Continuo's action in; nothing changes when it is there already.
  ///
  /// Throws `EditorFailure.unusable` for a file that Ardour did not write, when all places are
  /// taken, or when the disk does not allow it; nothing has changed then.
  public func install() throws(EditorFailure) -> Change {
    _ = try read()
    try EditorFolder(path: exchange.path).prepare()
    return try change { scripts throws(EditorFailure) in
      guard scripts.setOwn(source: Self.source, folder: exchange.path) != nil else {
        throw .unusable(
          path: file.path,
          reason: "its \(UIScripts.places.count) places for actions are taken; take one out in "
            + "Ardour's Script Manager")
      }
    }
  }

  /// Takes Continuo's action out; nothing changes when it is not there.
  public func remove() throws(EditorFailure) -> Change {
    let change = try change { scripts throws(EditorFailure) in scripts.removeOwn() }
    if change.running.isEmpty { EditorFolder(path: exchange.path).remove() }
    return change
  }

  private func change(
    _ edit: (inout UIScripts) throws(EditorFailure) -> Void
  ) throws(EditorFailure) -> Change {
    let old = try read()
    var scripts = old.scripts
    let before = state(of: scripts)
    try edit(&scripts)
    // Installing again what is there would only move it about.
    return try store(state(of: scripts) == before ? old.scripts : scripts, old, before)
  }

  private func store(
    _ scripts: UIScripts, _ old: Stored, _ before: State
  ) throws(EditorFailure) -> Change {
    var backup: URL?
    if scripts != old.scripts {
      backup = try old.bytes.map { bytes throws(EditorFailure) in try keepCopy(of: bytes) }
      try EditorFolder.write(
        Array(old.document.with(Data(scripts.text).base64EncodedString()).utf8), to: file.path,
        mode: old.mode)
    }
    return Change(
      before: before, after: state(of: scripts), file: file, backup: backup,
      others: scripts.actions.map(\.name).filter { $0 != UIScripts.name },
      running: processes.windows(usingSettings: settings.path))
  }

  private func keepCopy(of bytes: [UInt8]) throws(EditorFailure) -> URL {
    for number in 1...999 {
      let name = "ui_scripts.before-continuo" + (number == 1 ? "" : "-\(number)")
      let copy = settings.appendingPathComponent(name)
      let there = FileManager.default.contents(atPath: copy.path)
      if there == Data(bytes) { return copy }
      guard there == nil, !FileManager.default.fileExists(atPath: copy.path) else { continue }
      try EditorFolder.write(bytes, to: copy.path, mode: 0o644)
      return copy
    }
    throw .unusable(path: settings.path, reason: "it holds 999 copies of ui_scripts; remove some")
  }

  private struct Stored {
    var bytes: [UInt8]?
    var document: UIScriptsDocument
    var scripts: UIScripts
    var mode: UInt32
  }

  private func read() throws(EditorFailure) -> Stored {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: settings.path, isDirectory: &isFolder),
      isFolder.boolValue
    else {
      throw .unusable(
        path: settings.path, reason: "it is no folder; start Ardour once, so that it makes it")
    }
    guard FileManager.default.fileExists(atPath: file.path) else {
      return Stored(
        bytes: nil, document: UIScriptsDocument(), scripts: UIScripts(), mode: 0o644)
    }
    let found = try EditorFolder.read(file.path, limit: Self.maximumSize)
    guard let document = UIScriptsDocument(String(decoding: found.bytes, as: UTF8.self)),
      Array(document.text.utf8) == found.bytes
    else {
      throw .unusable(path: file.path, reason: "it is not as Ardour writes it; nothing was changed")
    }
    guard !document.content.isEmpty else {
      return Stored(
        bytes: found.bytes, document: document, scripts: UIScripts(), mode: found.mode)
    }
    do throws(LuaAssignments.Malformed) {
      guard let stored = Data(base64Encoded: document.content, options: .ignoreUnknownCharacters)
      else { throw LuaAssignments.Malformed(offset: 0) }
      return Stored(
        bytes: found.bytes, document: document, scripts: try UIScripts(Array(stored)),
        mode: found.mode)
    } catch {
      throw .unusable(
        path: file.path,
        reason: "its actions are not as Ardour writes them, from byte \(error.offset) on; nothing "
          + "was changed")
    }
  }
}

/// The XML round the stored actions, kept as it is.
struct UIScriptsDocument: Hashable, Sendable {
  private let head: String
  /// The actions, in base 64.
  let content: String
  private let tail: String

  /// No actions and no hooks.
  init() {
    head =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<UIScripts>\n  <ActionScript lua=\"Lua 5.3\">"
    content = ""
    tail = "</ActionScript>\n  <ActionHooks/>\n</UIScripts>\n"
  }

  /// Finds the only `ActionScript` in `text`; nil when it has none, several, or is no such XML.
  init?(_ text: String) {
    guard text.contains("<UIScripts"), !text.contains("<!"), !text.contains("\0"),
      text.components(separatedBy: "<ActionScript").count == 2,
      let name = text.range(of: "<ActionScript"),
      let close = text.range(of: ">", range: name.upperBound..<text.endIndex)
    else { return nil }
    let before = text[text.index(before: close.lowerBound)]
    if before == "/" {
      head = text[..<text.index(before: close.lowerBound)] + ">"
      content = ""
      tail = "</ActionScript>" + text[close.upperBound...]
      return
    }
    guard
      let end = text.range(of: "</ActionScript>", range: close.upperBound..<text.endIndex)
    else { return nil }
    let inside = text[close.upperBound..<end.lowerBound]
    guard !inside.contains("<"), !inside.contains("&") else { return nil }
    head = String(text[..<close.upperBound])
    content = inside.filter { !$0.isWhitespace }
    tail = String(text[end.lowerBound...])
  }

  /// The document with other actions.
  func with(_ content: String) -> String { head + content + tail }

  /// The document as it stands.
  var text: String { with(content) }
}
