// SPDX-License-Identifier: MIT
public import Foundation

/// Finds the file of the session that a running Ardour has open; OSC does not tell its path.
public struct SessionLocator: Sendable {
  /// How a session file was found.
  public enum Source: String, Hashable, Sendable {
    /// It was named in an argument or the configuration.
    case configured
    /// The Ardour process has it open or was started with it.
    case process
    /// Ardour's own list of recent sessions has it.
    case recent
  }

  /// A session file and how it was found.
  public struct Found: Hashable, Sendable {
    /// The file.
    public let url: URL
    /// How it was found.
    public let source: Source
  }

  private let home: URL
  private let processes: URL

  /// Looks below `home` for Ardour's settings and in `processes` (a proc file system) for Ardour.
  public init(
    home: URL = FileManager.default.homeDirectoryForCurrentUser,
    processes: URL = URL(fileURLWithPath: "/proc")
  ) {
    self.home = home
    self.processes = processes
  }

  /// The file `NAME.ardour` of the session `name`, which the Ardour on OSC port `port` has open.
  ///
  /// A `configured` path (the file or its folder) is taken or refused, never replaced by a guess.
  /// Throws `ArdourError.sessionNotFound`, which says where it looked.
  public func locate(
    name: String, port: UInt16, configured: String? = nil
  ) throws(ArdourError) -> Found {
    // The name becomes part of a path, so it may not lead elsewhere.
    guard !name.isEmpty, !name.contains("/"), !name.contains("\0") else {
      throw .sessionNotFound(name: name, looked: ["nowhere, as this is no file name"])
    }
    if let configured {
      let url = URL(fileURLWithPath: configured)
      let file = url.pathExtension == "ardour" ? url : url.appendingPathComponent("\(name).ardour")
      guard isFile(file) else { throw .sessionNotFound(name: name, looked: [file.path]) }
      return Found(url: file, source: .configured)
    }
    let owners = processIDs(owningUDPPort: port)
    if let file = newest(owners.flatMap { candidates(ofProcess: $0, name: name) }) {
      return Found(url: file, source: .process)
    }
    if let file = newest(recentFolders().map { $0.appendingPathComponent("\(name).ardour") }) {
      return Found(url: file, source: .recent)
    }
    let owner = owners.isEmpty ? "no process of yours has OSC port \(port)" : "Ardour's open files"
    throw .sessionNotFound(
      name: name, looked: [owner, "\(home.path)/.config/ardour*/recent"])
  }

  /// The processes of this user that hold a UDP socket on `port`.
  func processIDs(owningUDPPort port: UInt16) -> [Int] {
    let sockets = Set(["udp", "udp6"].flatMap { inodes(inTable: "net/\($0)", port: port) })
    guard !sockets.isEmpty else { return [] }
    let links = Set(sockets.map { "socket:[\($0)]" })
    let names = (try? FileManager.default.contentsOfDirectory(atPath: processes.path)) ?? []
    return names.compactMap { Int($0) }.sorted().filter { process in
      descriptors(ofProcess: process).contains { links.contains($0) }
    }
  }

  private func inodes(inTable table: String, port: UInt16) -> [String] {
    let url = processes.appendingPathComponent(table)
    let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").dropFirst().compactMap { line in
      let fields = line.split(separator: " ", omittingEmptySubsequences: true)
      guard fields.count > 9, let hexadecimal = fields[1].split(separator: ":").last,
        UInt16(hexadecimal, radix: 16) == port
      else { return nil }
      return String(fields[9])
    }
  }

  /// What the descriptors of a process point to; empty when it is another user's.
  private func descriptors(ofProcess process: Int) -> [String] {
    let folder = processes.appendingPathComponent("\(process)/fd").path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.compactMap {
      try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
    }
  }

  private func candidates(ofProcess process: Int, name: String) -> [URL] {
    let folder = processes.appendingPathComponent("\(process)")
    let current =
      (try? FileManager.default.destinationOfSymbolicLink(
        atPath: folder.appendingPathComponent("cwd").path)) ?? "/"
    let base = URL(fileURLWithPath: current, isDirectory: true)
    var folders = [base]
    let line = (try? Data(contentsOf: folder.appendingPathComponent("cmdline"))) ?? Data()
    for argument in line.split(separator: 0).dropFirst() {
      let url = URL(fileURLWithPath: String(decoding: argument, as: UTF8.self), relativeTo: base)
      folders += [url, url.deletingLastPathComponent()]
    }
    for file in descriptors(ofProcess: process) {
      // Ardour keeps files below the session's folder open: interchange/NAME/midifiles/….
      if let range = file.range(of: "/interchange/") {
        folders.append(URL(fileURLWithPath: String(file[..<range.lowerBound])))
      }
    }
    return folders.map { $0.appendingPathComponent("\(name).ardour") }
  }

  /// The folders in Ardour's lists of recent sessions: a line with a name, then one with a path.
  private func recentFolders() -> [URL] {
    let settings = home.appendingPathComponent(".config")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: settings.path)) ?? []
    return names.filter { $0.hasPrefix("ardour") }.sorted().flatMap { version -> [URL] in
      let list = settings.appendingPathComponent("\(version)/recent")
      let text = (try? String(contentsOf: list, encoding: .utf8)) ?? ""
      return text.split(separator: "\n", omittingEmptySubsequences: false).prefix(1000)
        .enumerated()
        .filter { $0.offset % 2 == 1 }.map { URL(fileURLWithPath: String($0.element)) }
    }
  }

  private func isFile(_ url: URL) -> Bool {
    (try? url.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true
  }

  private func newest(_ files: [URL]) -> URL? {
    files.filter(isFile)
      .map { file in
        let values = try? file.resourceValues(forKeys: [.contentModificationDateKey])
        return (file, values?.contentModificationDate ?? .distantPast)
      }
      .max { $0.1 < $1.1 }?.0
  }
}
