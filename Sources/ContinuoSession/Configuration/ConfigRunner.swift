// SPDX-License-Identifier: MIT
internal import ContinuoMusic
internal import Foundation

/// What `continuo config` does.
public enum ConfigAction: Hashable, Sendable {
  /// Tell each setting and where it comes from.
  case show
  /// Set one in the file.
  case set(key: String, value: String)
  /// Write the file anew with these values; refused where there is one.
  case create([SettingKey: String])
}

/// `continuo config`: tells and changes the settings' file.
struct ConfigRunner {
  let action: ConfigAction
  let environment: [String: String]

  func run() -> Reply {
    do throws(CommandError) {
      let file = try SettingsFile(environment: environment)
      switch action {
      case .show: return show(file)
      case .set(let name, let value): return try set(name, value, file)
      case .create(let values): return try create(values, file)
      }
    } catch {
      return .failed(CommandFailure(error))
    }
  }

  private func show(_ file: SettingsFile) -> Reply {
    let width = SettingKey.allCases.map(\.rawValue.count).max() ?? 0
    var lines = [
      "Settings' file: \(TerminalText.clean(file.path ?? "none"))"
        + (file.isThere ? "" : " (not there; `continuo config init` makes it)")
    ]
    var members: [String: JSONValue] = [:]
    for key in SettingKey.allCases {
      let variable = environment[key.variable].flatMap { $0.isEmpty ? nil : $0 }
      let value = variable ?? file.values[key]
      let origin = variable != nil ? key.variable : value != nil ? "the file" : "by itself"
      lines.append(
        key.rawValue.padding(to: width + 2) + TerminalText.clean(value ?? key.usual)
          + "  (\(origin))")
      members[key.rawValue] = [
        "value": value.map { .string($0) } ?? .null, "usual": .string(key.usual),
        "origin": .string(variable != nil ? "environment" : value != nil ? "file" : "default"),
        "variable": .string(key.variable), "flag": key.flag.map { .string($0) } ?? .null,
      ]
    }
    return .done(
      lines + ["A flag outdoes each where it is given."],
      data: [
        "file": file.path.map { .string($0) } ?? .null, "isThere": .bool(file.isThere),
        "settings": .object(members),
      ])
  }

  private func set(
    _ name: String, _ value: String, _ file: SettingsFile
  ) throws(CommandError) -> Reply {
    guard let key = SettingKey(rawValue: name) else {
      let names = SettingKey.allCases.map(\.rawValue)
      throw .notOneOf(
        what: "a setting", word: name, allowed: names, near: NearNames.near(name, among: names))
    }
    let text = try file.setting(key, to: value)
    try write(text, file)
    let shadow = environment[key.variable].flatMap { $0.isEmpty ? nil : $0 }
    return .done(
      ["\(name) is \(TerminalText.clean(value)) from the next start on"]
        + (shadow == nil ? [] : ["But \(key.variable) is set, and outdoes it"]),
      data: ["key": .string(name), "value": .string(value), "shadowed": .bool(shadow != nil)])
  }

  private func create(
    _ values: [SettingKey: String], _ file: SettingsFile
  ) throws(CommandError) -> Reply {
    guard !file.isThere else {
      throw .badSetting(
        name: "The settings' file", value: file.path ?? "",
        reason: "it is there already: change it with `continuo config set KEY VALUE`")
    }
    var lines = SettingsFile.template.split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    for key in SettingKey.allCases {
      guard let value = values[key] else { continue }
      let entry = "\(key.rawValue) = \(try key.literal(value))"
      let index = lines.firstIndex { $0.hasPrefix("# \(key.rawValue) =") } ?? lines.count - 1
      lines.insert(entry, at: index + 1)
    }
    try write(lines.joined(separator: "\n"), file)
    return .done(
      ["The settings are in \(TerminalText.clean(file.path ?? ""))"],
      data: ["file": .string(file.path ?? "")])
  }

  private func write(_ text: String, _ file: SettingsFile) throws(CommandError) {
    guard let path = file.path else {
      throw .badSetting(name: "HOME", value: "", reason: "it names no folder for the settings")
    }
    _ = try SettingsFile.values(text, path)
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try WholeFile.write([UInt8](text.utf8), to: path, mode: 0o600)
    } catch {
      throw .badSetting(
        name: "The settings' file", value: path,
        reason:
          "it cannot be written, and is as it was: \((error as? MusicError)?.systemReason ?? error.localizedDescription)"
      )
    }
  }
}
