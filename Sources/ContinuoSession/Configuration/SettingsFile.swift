// SPDX-License-Identifier: MIT
internal import ContinuoMusic
internal import Foundation
internal import TOMLKit

/// The settings' file: TOML with the musician's own comments, read whole or refused.
public struct SettingsFile: Hashable, Sendable {
  /// Where it is, or would be; nil where there is no home.
  public let path: String?
  /// Whether it is there.
  public let isThere: Bool
  /// What it sets, as the variables would say it.
  public let values: [SettingKey: String]
  /// Its text; empty when it is not there.
  let text: String

  /// A larger file is no file of settings, in bytes.
  static let maximumSize = 1 << 20

  /// Reads the file that `CONTINUO_CONFIG` names, or `continuo/config.toml` in `XDG_CONFIG_HOME` or
  /// `~/.config`.
  ///
  /// One that is not there sets nothing, unless it was named.
  /// - Throws: `CommandError.badSetting`, naming file, line and what is wrong.
  public init(environment: [String: String]) throws(CommandError) {
    let named = environment["CONTINUO_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
    path = named.map { NSString(string: $0).expandingTildeInPath } ?? Self.usual(environment)
    guard let path, named != nil || FileManager.default.fileExists(atPath: path) else {
      (isThere, values, text) = (false, [:], "")
      return
    }
    func fault(_ reason: String) -> CommandError {
      .badSetting(name: "The settings' file", value: path, reason: reason)
    }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw fault("it is not there; CONTINUO_CONFIG names it")
    }
    guard !isFolder.boolValue else { throw fault("it is a folder") }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw fault("it cannot be read: look at its permissions")
    }
    guard data.count <= Self.maximumSize else { throw fault("it is larger than a megabyte") }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw fault("it is not written in UTF-8")
    }
    isThere = true
    self.text = text
    values = try Self.values(text, path)
  }

  private static func usual(_ environment: [String: String]) -> String? {
    if let config = environment["XDG_CONFIG_HOME"], config.hasPrefix("/") {
      return "\(config)/continuo/config.toml"
    }
    guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
    return "\(home)/.config/continuo/config.toml"
  }

  /// What `text` sets.
  /// - Throws: `CommandError.badSetting`.
  static func values(_ text: String, _ path: String) throws(CommandError) -> [SettingKey: String] {
    let table: TOMLTable
    do {
      table = try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      throw .badSetting(
        name: "Line \(error.source.begin.line) of \(path)",
        value: line(error.source.begin.line, text),
        reason: TerminalText.shortened(error.description, to: 200))
    } catch {
      throw .badSetting(name: path, value: "…", reason: "it is no TOML: \(error)")
    }
    var values: [SettingKey: String] = [:]
    for name in table.keys.sorted() {
      let number = place(of: name, in: text)
      let origin = "Line \(number.map { String($0) } ?? "?") of \(path)"
      guard let key = SettingKey(rawValue: name) else {
        throw .badSetting(name: origin, value: name, reason: unknown(name))
      }
      let value = table[name]
      let said: String?
      switch key.kind {
      case .text, .choice: said = value?.string
      case .number: said = value?.int.map { String($0) }
      case .truth: said = value?.bool.map { $0 ? "true" : "false" }
      }
      guard let said else {
        throw .badSetting(name: origin, value: name, reason: "it must be \(words(key.kind))")
      }
      do {
        _ = try key.literal(said)
      } catch {
        throw .badSetting(name: origin, value: "\(name) = \(said)", reason: error.description)
      }
      values[key] = said
    }
    return values
  }

  private static func unknown(_ name: String) -> String {
    if name.lowercased().contains("key"), SettingKey(rawValue: name) == nil,
      ["api", "secret", "token"].contains(where: name.lowercased().contains)
    {
      return "keys do not belong in this file: key-file or key-command tells where yours is"
    }
    let names = SettingKey.allCases.map(\.rawValue)
    return "there is no such setting\(NearNames.question(NearNames.near(name, among: names)))"
  }

  private static func words(_ kind: SettingKey.Kind) -> String {
    switch kind {
    case .text: "text between quotation marks"
    case .number(let range): "a whole number in \(range.lowerBound)…\(range.upperBound)"
    case .truth: "true or false"
    case .choice(let words): "one of \(words.map { "\"\($0)\"" }.joined(separator: ", "))"
    }
  }

  private static func line(_ number: some BinaryInteger, _ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let index = Int(number) - 1
    return lines.indices.contains(index) ? String(lines[index]) : ""
  }

  /// The line, from 1, that sets `name`; nil for none that can be told.
  private static func place(of name: String, in text: String) -> Int? {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .firstIndex { Self.sets($0, name) }.map { $0 + 1 }
  }

  private static func sets(_ line: Substring, _ name: String) -> Bool {
    var rest = line.drop { $0 == " " || $0 == "\t" }
    for mark in ["[", "\""] where rest.hasPrefix(mark) { rest.removeFirst() }
    guard rest.hasPrefix(name) else { return false }
    let next = rest.dropFirst(name.count).first { $0 != " " && $0 != "\t" && $0 != "\"" }
    return next == "=" || next == "]" || next == "."
  }

  /// The file's text with `key` set to `value`: every other line as it is.
  /// - Throws: `CommandError` for a value that cannot be.
  func setting(_ key: SettingKey, to value: String) throws(CommandError) -> String {
    let entry = "\(key.rawValue) = \(try key.literal(value))"
    var lines = (isThere ? text : Self.template).split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    if let index = lines.firstIndex(where: { Self.sets($0[...], key.rawValue) }) {
      // A remark behind the value stays, where no quotation mark makes it doubtful.
      let old = lines[index]
      let remark = old.contains("\"") ? nil : old.firstIndex(of: "#").map { old[$0...] }
      lines[index] = entry + (remark.map { "  \($0)" } ?? "")
    } else if let index = lines.firstIndex(where: { $0.hasPrefix("# \(key.rawValue) =") }) {
      lines.insert(entry, at: index + 1)
    } else {
      while lines.last?.isEmpty ?? false { lines.removeLast() }
      lines += [entry, ""]
    }
    let changed = lines.joined(separator: "\n")
    guard try Self.values(changed, path ?? "")[key] == value else {
      throw .badSetting(
        name: key.rawValue, value: value, reason: "its line cannot be changed: do it by hand")
    }
    return changed
  }

  /// A file that sets nothing and explains everything.
  static var template: String {
    let heads = [
      "# Continuo's settings. A variable (CONTINUO_…) outdoes a line here, a flag outdoes both.",
      "# `continuo config` tells what holds and where it comes from.", "",
    ]
    let keys = SettingKey.allCases.flatMap { key in
      ["# \(key.help)", "# \(key.rawValue) = …  (\(key.usual); \(key.variable))", ""]
    }
    return (heads + keys).joined(separator: "\n")
  }

  /// `error` about a variable that nobody set, as one about the file's line that filled it.
  public func naming(
    _ error: CommandError, _ environment: [String: String]
  ) -> CommandError {
    guard case .badSetting(let name, let value, let reason) = error,
      let key = values.keys.first(where: { $0.variable == name }),
      (environment[key.variable] ?? "").isEmpty, let path
    else { return error }
    let number = Self.place(of: key.rawValue, in: text).map { String($0) } ?? "?"
    return .badSetting(
      name: "Line \(number) of \(path)", value: "\(key.rawValue) = \(value)", reason: reason)
  }

  /// `environment` with what the file says where no variable says anything.
  public func filling(_ environment: [String: String]) -> [String: String] {
    var filled = environment
    for (key, value) in values where (environment[key.variable] ?? "").isEmpty {
      filled[key.variable] = value
    }
    return filled
  }
}
