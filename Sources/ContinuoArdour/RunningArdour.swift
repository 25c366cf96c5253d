// SPDX-License-Identifier: MIT
public import Foundation

/// Finds Ardours of this user that would undo what is written into their files.
public struct RunningArdour: Sendable {
  private let processes: URL

  /// Looks in `processes`, a proc file system.
  public init(processes: URL = URL(fileURLWithPath: "/proc")) { self.processes = processes }

  /// The Ardours that use the settings in `configurationFolder` or have `session` open, by process
  /// number.
  ///
  /// One whose environment cannot be read counts: better asked to quit than overwritten.
  public func using(configurationFolder: URL, session: URL) -> [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: processes.path)) ?? []
    let folder = configurationFolder.resolvingSymlinksInPath().path
    let sessionFolder = session.resolvingSymlinksInPath().deletingLastPathComponent().path
    return names.compactMap { Int($0) }.sorted().filter { process in
      guard isArdour(process) else { return false }
      return uses(process, folder) || hasOpen(process, sessionFolder)
    }
  }

  private func isArdour(_ process: Int) -> Bool {
    let folder = processes.appendingPathComponent("\(process)").path
    let program =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/exe")) ?? ""
    let name = program.split(separator: "/").last ?? ""
    // "ardour-7.3.0~ds0" and "hardour-…"; the interpreter is "luasession".
    return ["ardour-", "hardour-", "luasession"].contains { name.hasPrefix($0) }
  }

  private func uses(_ process: Int, _ folder: String) -> Bool {
    let file = processes.appendingPathComponent("\(process)/environ")
    guard let data = try? Data(contentsOf: file), !data.isEmpty else { return true }
    var variables: [String: String] = [:]
    for pair in data.split(separator: 0) {
      let parts = String(decoding: pair, as: UTF8.self).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
    }
    guard let settings = ArdourFolders(environment: variables)?.settings else { return true }
    return URL(fileURLWithPath: folder).deletingLastPathComponent().path
      == settings.resolvingSymlinksInPath().path
  }

  private func hasOpen(_ process: Int, _ sessionFolder: String) -> Bool {
    let folder = processes.appendingPathComponent("\(process)")
    let line = (try? Data(contentsOf: folder.appendingPathComponent("cmdline"))) ?? Data()
    let arguments = line.split(separator: 0).dropFirst().map { String(decoding: $0, as: UTF8.self) }
    let descriptors = folder.appendingPathComponent("fd").path
    let numbers = (try? FileManager.default.contentsOfDirectory(atPath: descriptors)) ?? []
    let files = numbers.compactMap {
      try? FileManager.default.destinationOfSymbolicLink(atPath: "\(descriptors)/\($0)")
    }
    return (arguments + files).contains { path in
      path == sessionFolder || path.hasPrefix(sessionFolder + "/")
    }
  }
}

/// Where Ardour keeps its settings.
public struct ArdourFolders: Hashable, Sendable {
  /// The folder that holds `ardour7` and its like.
  public let settings: URL

  /// Works it out as Ardour does, from `XDG_CONFIG_HOME` and `HOME`; nil without either.
  public init?(environment: [String: String]) {
    if let folder = environment["XDG_CONFIG_HOME"], !folder.isEmpty {
      settings = URL(fileURLWithPath: folder)
    } else if let home = environment["HOME"], !home.isEmpty {
      settings = URL(fileURLWithPath: home).appendingPathComponent(".config")
    } else {
      return nil
    }
  }

  /// The settings of the newest Ardour used here; nil when none ever was.
  public var newest: URL? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: settings.path)) ?? []
    let versions = names.compactMap { name in
      name.hasPrefix("ardour") ? Int(name.dropFirst("ardour".count)) : nil
    }
    return versions.max().map { settings.appendingPathComponent("ardour\($0)") }
  }

  /// The session that Ardour opened last, by its own list; nil when it is empty.
  ///
  /// The list has a line with a name, then one with a path, the newest first.
  public var lastSession: URL? {
    guard let list = newest?.appendingPathComponent("recent"),
      let text = try? String(contentsOf: list, encoding: .utf8)
    else { return nil }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 2, !lines[0].isEmpty, !lines[0].contains("/") else { return nil }
    let folder = URL(fileURLWithPath: String(lines[1]))
    return folder.appendingPathComponent("\(lines[0]).ardour")
  }
}
