// SPDX-License-Identifier: MIT
public import Foundation

/// What every face needs to know before it starts, from flags and the environment.
public struct Settings: Hashable, Sendable {
  /// The JACK server's name; nil for the usual one (`JACK_DEFAULT_SERVER`, then "default").
  public var server: String?
  /// The JACK client's name and the instance's: two instances need two names.
  public var name: String
  /// Ardour's OSC port; nil to look through 3819...3838.
  public var ardourPort: UInt16?
  /// The folder of control sockets.
  public var runtimeFolder: RuntimeFolder
  /// The folder of the prompt's history and other state, absolute; nil when there is no home.
  public var stateFolder: URL?
  /// The folder of what is remembered, absolute; nil when there is no home.
  public var dataFolder: URL?
  /// The folder a staying session is taken up from and put away in; nil for none.
  public var projectFolder: URL?
  /// The log a staying session is written into; nil for none.
  public var logFile: String?
  /// Whether a session manager says when the project is put away; leaving does not then.
  public var isManaged = false
  /// Where a staying session serves the page, 0 for any free port; nil for nowhere.
  public var webPort: UInt16?
  /// Where a staying session listens for OSC, 0 for any free port; nil for nowhere.
  public var surfacePort: UInt16?
  /// Whether there is a control port for pedals and pads.
  public var hasControl = false
  /// Whether requests and candidates are remembered.
  public var remembers = true
  /// Which language model is asked.
  public var model: ModelSettings

  /// The name when none is given.
  public static let defaultName = "continuo"
  /// Longest name, in bytes: JACK's 63, less room for the ending it may add.
  public static let maximumNameBytes = 56

  /// What the command line says; nil for what it does not.
  public struct Flags: Hashable, Sendable {
    /// `--server`.
    public var server: String?
    /// `--name`.
    public var name: String?
    /// `--ardour-port`.
    public var ardourPort: Int?
    /// `--project`.
    public var project: String?
    /// `--log`.
    public var log: String?
    /// `--web`, or `serve`: the page is served whatever else is set.
    public var servesPage = false
    /// `--port` of `serve`; 0 for any free port.
    public var webPort: Int?
    /// `--control`.
    public var control = false
    /// `--osc-surface`; 0 for any free port.
    public var surfacePort: Int?
    /// `--provider`, `--base-url` and `--model` of the prompt.
    public var model = ModelChoice()

    /// Makes a set of flags.
    public init(server: String? = nil, name: String? = nil, ardourPort: Int? = nil) {
      self.server = server
      self.name = name
      self.ardourPort = ardourPort
    }
  }

  /// Gathers the settings; a flag wins over the environment, which wins over the defaults.
  ///
  /// What the file says comes in `environment`, as `SettingsFile.filling` has it. Reads each
  /// `SettingKey`'s variable, `XDG_RUNTIME_DIR`,
  /// `XDG_STATE_HOME`, `XDG_DATA_HOME` and `HOME`. A variable that is set but empty counts as
  /// unset, and so does an XDG folder that is not absolute.
  /// - Throws: `CommandError.badSetting`, naming the flag or the variable.
  public init(flags: Flags, environment: [String: String]) throws(CommandError) {
    func pick(_ flag: String, _ value: String?, _ variable: String) -> Choice? {
      if let value { return Choice(origin: flag, value: value) }
      guard let value = environment[variable], !value.isEmpty else { return nil }
      return Choice(origin: variable, value: value)
    }
    server = try pick("--server", flags.server, "CONTINUO_SERVER")?.word()
    name = try pick("--name", flags.name, "CONTINUO_NAME")?.name() ?? Self.defaultName
    ardourPort =
      try pick("--ardour-port", flags.ardourPort.map { String($0) }, "CONTINUO_ARDOUR_PORT")?
      .port()
    let isWeb = try pick("--web", nil, "CONTINUO_WEB")?.truth() ?? false
    let web = try pick("--port", flags.webPort.map { String($0) }, "CONTINUO_WEB_PORT")?
      .portOrFree()
    if flags.servesPage || isWeb { webPort = web ?? 0 }
    surfacePort = try pick(
      "--osc-surface", flags.surfacePort.map { String($0) }, "CONTINUO_OSC_SURFACE")?.portOrFree()
    let isControlled = try pick("--control", nil, "CONTINUO_CONTROL")?.truth() ?? false
    hasControl = flags.control || isControlled
    remembers = try pick("", nil, "CONTINUO_MEMORY")?.truth() ?? true
    runtimeFolder = RuntimeFolder(environment: environment)
    stateFolder = Self.folder("XDG_STATE_HOME", ".local/state", environment)
    dataFolder = Self.folder("XDG_DATA_HOME", ".local/share", environment)
    if let project = pick("--project", flags.project, "CONTINUO_PROJECT") {
      projectFolder = URL(fileURLWithPath: try project.folder())
    }
    if let log = flags.log {
      guard !log.isEmpty, log.utf8.count <= CommandLimits.pathBytes, TerminalText.isClean(log)
      else {
        throw CommandError.badSetting(name: "--log", value: log, reason: "it must name a file")
      }
      logFile = NSString(string: log).expandingTildeInPath
    }
    model = try ModelSettings(
      flags: flags.model, environment: environment, runtimeFolder: runtimeFolder,
      stateFolder: stateFolder)
  }

  /// Our own folder in that of `variable`, or in `usual` of the home folder.
  private static func folder(
    _ variable: String, _ usual: String, _ environment: [String: String]
  ) -> URL? {
    if let named = environment[variable], named.hasPrefix("/") {
      return URL(fileURLWithPath: named).appendingPathComponent("continuo")
    }
    guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
    return URL(fileURLWithPath: home).appendingPathComponent("\(usual)/continuo")
  }

  /// The folder of what is remembered.
  /// - Throws: `CommandFailure` when there is none.
  func needDataFolder() throws(CommandFailure) -> URL {
    guard let dataFolder else {
      throw CommandFailure(
        .failed, "There is no place to remember anything: HOME and XDG_DATA_HOME name no folder")
    }
    return dataFolder
  }
}

/// A setting's value, and the flag or variable it came from.
private struct Choice {
  let origin: String
  let value: String

  /// A client's or instance's name: it becomes a JACK name and a file name.
  func name() throws(CommandError) -> String {
    let allowed = value.unicodeScalars.allSatisfy {
      ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
        || "-_. ".unicodeScalars.contains($0)
    }
    guard allowed, let first = value.first, first.isLetter || first.isNumber,
      value.utf8.count <= Settings.maximumNameBytes
    else {
      throw .badSetting(
        name: origin, value: value,
        reason: "a name has letters, digits, spaces and . _ - and begins with a letter or digit, "
          + "\(Settings.maximumNameBytes) at most")
    }
    return value
  }

  /// A server's or host's name: anything on one line without a slash.
  func word() throws(CommandError) -> String {
    guard !value.isEmpty, value.utf8.count <= 255, TerminalText.isClean(value),
      !value.contains("/"), !value.contains(where: \.isWhitespace)
    else {
      throw .badSetting(
        name: origin, value: value, reason: "it must be one word without a slash")
    }
    return value
  }

  /// A folder's path, absolute or from here.
  func folder() throws(CommandError) -> String {
    guard !value.isEmpty, value.utf8.count <= CommandLimits.pathBytes, TerminalText.isClean(value)
    else { throw .badSetting(name: origin, value: value, reason: "it must name a folder") }
    return NSString(string: value).expandingTildeInPath
  }

  /// True or false.
  func truth() throws(CommandError) -> Bool {
    switch value {
    case "true", "1", "yes": return true
    case "false", "0", "no": return false
    default:
      throw .badSetting(name: origin, value: value, reason: "it must be true or false")
    }
  }

  /// A port, or 0 for any free one.
  func portOrFree() throws(CommandError) -> UInt16 { value == "0" ? 0 : try port() }

  func port() throws(CommandError) -> UInt16 {
    guard let port = UInt16(value), port > 0 else {
      throw .badSetting(name: origin, value: value, reason: "a port lies in 1…65535")
    }
    return port
  }
}
