// SPDX-License-Identifier: MIT
import Foundation

/// Running Ardours as the proc file system shows them, this user's alone.
struct ArdourProcesses: Sendable {
  let folder: URL

  init(folder: URL = URL(fileURLWithPath: "/proc")) { self.folder = folder }

  /// Whether the process is an Ardour with its window.
  func hasWindow(_ process: Int) -> Bool { text(process, "comm") == "ArdourGUI\n" }

  /// Whether the process is an Ardour without its window.
  func isHeadless(_ process: Int) -> Bool { text(process, "comm").hasPrefix("hardour") }

  /// When the process began, in clock ticks since the machine did, as /proc writes it.
  func start(of process: Int) -> String? {
    // The program's name is in brackets and may hold anything, brackets too.
    let line = text(process, "stat")
    guard let name = line.range(of: ") ", options: .backwards) else { return nil }
    let fields = line[name.upperBound...].split(separator: " ")
    return fields.count > 19 ? String(fields[19]) : nil
  }

  /// The settings folder that the process uses: its version's, below its own home.
  func settings(of process: Int) -> URL? {
    let environment = environment(of: process)
    guard !environment.isEmpty else { return nil }
    let base = Self.configuration(environment)
    guard let major = version(of: process) else {
      return try? EditorScriptFile.newestSettings(environment: environment)
    }
    return base.appendingPathComponent("ardour\(major)")
  }

  /// The Ardours with a window that use `settings`.
  func windows(usingSettings settings: String) -> [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let wanted = resolved(settings)
    return names.compactMap { Int($0) }.sorted().filter { process in
      hasWindow(process) && self.settings(of: process).map { resolved($0.path) } == wanted
    }
  }

  /// Where programs keep their settings: `$XDG_CONFIG_HOME`, or `~/.config`.
  static func configuration(_ environment: [String: String]) -> URL {
    if let path = environment["XDG_CONFIG_HOME"], path.hasPrefix("/") {
      return URL(fileURLWithPath: path, isDirectory: true)
    }
    let home = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    return URL(fileURLWithPath: home ?? NSHomeDirectory(), isDirectory: true)
      .appendingPathComponent(".config")
  }

  /// 7 for a program called ardour-7.3.0.
  private func version(of process: Int) -> Int? {
    let link = folder.appendingPathComponent("\(process)/exe").path
    let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) ?? ""
    let name = program.split(separator: "/").last ?? ""
    guard let dash = name.range(of: "ardour-") else { return nil }
    return Int(name[dash.upperBound...].prefix { $0.isASCII && $0.isNumber })
  }

  private func environment(of process: Int) -> [String: String] {
    let url = folder.appendingPathComponent("\(process)/environ")
    let data = (try? Data(contentsOf: url)) ?? Data()
    let pairs = data.split(separator: 0).compactMap { item -> (String, String)? in
      let parts = String(decoding: item, as: UTF8.self).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
    }
    return Dictionary(pairs) { first, _ in first }
  }

  private func resolved(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().path
  }

  private func text(_ process: Int, _ name: String) -> String {
    (try? String(contentsOf: folder.appendingPathComponent("\(process)/\(name)"), encoding: .utf8))
      ?? ""
  }
}
