// SPDX-License-Identifier: MIT
import ContinuoTestSupport
import Foundation
import Testing

@testable import ContinuoSession

@Suite struct SettingsFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("settings") }

  private var environment: [String: String] { ["CONTINUO_CONFIG": folder.file("config.toml")] }

  private func read(_ text: String) throws -> SettingsFile {
    try folder.write(text, to: "config.toml")
    return try SettingsFile(environment: environment)
  }

  /// Two values of a key that differ from each other and from what holds by itself.
  private static func samples(_ key: SettingKey) -> (file: String, variable: String) {
    switch key.kind {
    case .number(let range):
      return (String(range.upperBound), String(range.upperBound - 1))
    case .truth: return key == .memory ? ("false", "true") : ("true", "false")
    case .choice(let words): return (words[1], words[2])
    case .text:
      return key == .baseURL ? ("http://a:1", "http://b:2") : ("one", "two")
    }
  }

  /// What of the settings a key decides, as text.
  private static func shown(_ key: SettingKey, _ settings: Settings) -> String? {
    switch key {
    case .server: settings.server
    case .name: settings.name
    case .ardourPort: settings.ardourPort.map { String($0) }
    case .provider: settings.model.provider.rawValue
    case .baseURL: settings.model.baseURL
    case .model: settings.model.model
    case .web: String(settings.webPort != nil)
    case .webPort: settings.webPort.map { String($0) }
    case .oscSurface: settings.surfacePort.map { String($0) }
    case .project: settings.projectFolder?.lastPathComponent
    case .control: String(settings.hasControl)
    case .memory: String(settings.remembers)
    // Read where a model is asked, from the same variables.
    case .modelSeconds, .keyFile, .keyCommand: nil
    }
  }

  @Test(arguments: SettingKey.allCases)
  func `a variable outdoes the file, and the file what holds by itself`(key: SettingKey) throws {
    let (inFile, inVariable) = Self.samples(key)
    var flags = Settings.Flags()
    flags.servesPage = key == .webPort
    let file = try read("\(key.rawValue) = \(try key.literal(inFile))\n")
    #expect(file.values == [key: inFile])
    #expect(file.filling([:])[key.variable] == inFile)
    #expect(file.filling([key.variable: ""])[key.variable] == inFile)
    #expect(file.filling([key.variable: inVariable])[key.variable] == inVariable)
    let filled = try Settings(flags: flags, environment: file.filling([:]))
    let outdone = try Settings(
      flags: flags, environment: file.filling([key.variable: inVariable]))
    guard Self.shown(key, filled) != nil else { return }
    #expect(Self.shown(key, filled) == inFile)
    #expect(Self.shown(key, outdone) == inVariable)
  }

  @Test func `a flag outdoes both`() throws {
    let file = try read(
      """
      server = "file"
      name = "file"
      ardour-port = 1
      provider = "openai"
      base-url = "http://file"
      model = "file"
      web-port = 1
      osc-surface = 1
      project = "file"
      """)
    var flags = Settings.Flags(server: "flag", name: "flag", ardourPort: 2)
    flags.model = ModelChoice(provider: .anthropic, baseURL: "http://flag", model: "flag")
    (flags.webPort, flags.surfacePort, flags.project, flags.servesPage) = (2, 2, "flag", true)
    let variables = file.filling(["CONTINUO_MODEL": "variable"])
    let settings = try Settings(flags: flags, environment: variables)
    #expect(settings.server == "flag" && settings.name == "flag" && settings.ardourPort == 2)
    #expect(settings.model.provider == .anthropic && settings.model.model == "flag")
    #expect(settings.webPort == 2 && settings.surfacePort == 2)
    #expect(settings.projectFolder?.lastPathComponent == "flag")
    #expect(settings.model.baseURL == "http://flag")
  }

  @Test(arguments: [
    ("ardour-prot = 3820", "Line 1", "did you mean ardour-port?"),
    ("\n# a remark\nweb = \"yes\"", "Line 3", "it must be true or false"),
    ("ardour-port = 0", "Line 1", "1…65535"), ("ardour-port = \"3820\"", "Line 1", "whole number"),
    ("provider = \"openia\"", "Line 1", "did you mean openai?"), ("name = 3", "Line 1", "text"),
    ("name = \"\"", "Line 1", "text on one line"), ("web = tru", "Line 1", "parsing"),
    ("name = \"a\"\nname = \"b\"", "Line 2", "parsing"),
    ("[server]\nname = \"x\"", "Line 1", "text"),
    ("[colours]\nx = 1", "Line 1", "no such setting"),
    ("api_key = \"sk-1\"", "Line 1", "key-file or key-command"),
    ("name = \"a\\u001b[31m\"", "Line 1", "text on one line"), ("name", "Line 1", "parsing"),
  ])
  func `what is wrong is told with its line and the near name`(
    text: String, line: String, reason: String
  ) throws {
    #expect {
      _ = try read(text)
    } throws: { error in
      let told = "\(error)"
      return told.contains(line) && told.contains(reason) && told.contains(folder.path)
    }
  }

  @Test func `a file that cannot be read is told, one that is not there sets nothing`() throws {
    #expect(throws: CommandError.self) { _ = try SettingsFile(environment: environment) }
    try FileManager.default.createDirectory(
      atPath: folder.file("config.toml"), withIntermediateDirectories: false)
    #expect(throws: CommandError.self) { _ = try SettingsFile(environment: environment) }
    try FileManager.default.removeItem(atPath: folder.file("config.toml"))
    try Data([0x6E, 0xFF, 0xFE]).write(to: URL(fileURLWithPath: folder.file("config.toml")))
    #expect(throws: CommandError.self) { _ = try SettingsFile(environment: environment) }
    let none = try SettingsFile(environment: ["HOME": folder.path])
    #expect(!none.isThere && none.values.isEmpty)
    #expect(none.path == folder.file(".config/continuo/config.toml"))
    #expect(try SettingsFile(environment: [:]).path == nil)
  }

  @Test func `setting one keeps every other line and remark as it is`() throws {
    let text = """
      # my studio
      ardour-port = 3820  # the second Ardour

      name = "studio"
      # web = …  (false; CONTINUO_WEB)
      """
    let file = try read(text)
    #expect(
      try file.setting(.ardourPort, to: "3821")
        == text.replacing("3820", with: "3821"))
    #expect(
      try file.setting(.web, to: "true") == text + "\nweb = true")
    #expect(
      try file.setting(.model, to: "a \"b\" \\ c").hasSuffix("\nmodel = \"a \\\"b\\\" \\\\ c\"\n"))
    #expect(throws: CommandError.self) { _ = try file.setting(.ardourPort, to: "many") }
    #expect(throws: CommandError.self) { _ = try file.setting(.provider, to: "openia") }
  }

  @Test func `what config writes is read again, and what it refuses leaves the file as it was`()
    throws
  {
    let home = ["HOME": folder.path]
    func run(_ action: ConfigAction) -> Reply {
      ConfigRunner(action: action, environment: home).run()
    }
    let path = folder.file(".config/continuo/config.toml")
    #expect(run(.create([.provider: "local", .web: "true"])).isDone)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
    #expect(mode as? Int == 0o600)
    #expect(try SettingsFile(environment: home).values == [.provider: "local", .web: "true"])
    #expect(run(.create([:])).exit == .usage)
    #expect(run(.set(key: "ardour-port", value: "3825")).isDone)
    let before = try String(contentsOfFile: path, encoding: .utf8)
    for (key, value) in [("ardour-port", "x"), ("ardour-prot", "1"), ("web", "maybe")] {
      #expect(run(.set(key: key, value: value)).exit == .usage)
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == before)
    let shown = ConfigRunner(
      action: .show, environment: home.merging(["CONTINUO_MODEL": "m"]) { $1 }
    ).run()
    let settings = shown.data["settings"]
    #expect(settings?["ardour-port"]?["origin"] == "file")
    #expect(settings?["ardour-port"]?["value"] == "3825")
    #expect(settings?["model"]?["origin"] == "environment")
    #expect(settings?["server"]?["origin"] == "default")
    #expect(shown.lines.contains("ardour-port    3825  (the file)"))
  }

  @Test func `the page of settings is made from the table`() throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../docs/settings.md").standardized
    let text = try String(contentsOf: page, encoding: .utf8)
    for key in SettingKey.allCases {
      let flag = key.flag.map { "`\($0)`" } ?? ""
      let row = "| `\(key.rawValue)` | `\(key.variable)` | \(flag) | \(key.usual) | \(key.help) |"
      #expect(text.contains(row), "docs/settings.md lacks: \(row)")
    }
  }

  @Test(arguments: [
    ("CONTINUO_MODEL_SECONDS", "soon"), ("CONTINUO_MODEL_SECONDS", "0"),
    ("CONTINUO_MODEL_FORM", "rows"), ("CONTINUO_MODEL_PRICES", "3"), ("CONTINUO_WEB", "maybe"),
    ("CONTINUO_WEB_PORT", "70000"), ("CONTINUO_OSC_SURFACE", "x"), ("CONTINUO_MEMORY", "2"),
  ])
  func `a variable that cannot be is refused by its name, not passed over`(
    name: String, value: String
  ) {
    #expect {
      _ = try Settings(flags: .init(), environment: [name: value])
    } throws: { error in
      guard case CommandError.badSetting(name, value, _) = error else { return false }
      return true
    }
  }
}
