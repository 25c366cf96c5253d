// SPDX-License-Identifier: MIT
internal import ContinuoMusic
public import Foundation

/// Puts new contents in place of a file's: with a copy of the old beside it, and whole or not at
/// all, whatever happens meanwhile.
struct SafeRewrite {
  let change: ArdourSettings.Change

  /// Writes; the copy's place, nil when there was no file.
  ///
  /// Throws `ArdourError.unwritable`, also when the file has changed since it was read.
  func write(stamp: String) throws(ArdourError) -> URL? {
    let url = change.url
    let now = try? Data(contentsOf: url)
    guard now == change.before else {
      throw .unwritable(path: url.path, reason: "it has changed meanwhile; try again")
    }
    let mode = attributes(of: url)
    var copy: URL?
    if let before = change.before {
      let backup = freeName(beside: url, stamp: stamp)
      try put(before, backup, mode)
      copy = backup
    } else {
      do {
        try FileManager.default.createDirectory(
          at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      } catch {
        throw .unwritable(path: url.path, reason: error.localizedDescription)
      }
    }
    try put(change.after, url, mode)
    return copy
  }

  private func attributes(of url: URL) -> mode_t {
    var status = stat()
    return stat(url.path, &status) == 0 ? status.st_mode & 0o777 : 0o644
  }

  /// Ardour lists every NAME.ardour of a session's folder, so a copy must end otherwise.
  private func freeName(beside url: URL, stamp: String) -> URL {
    let base = url.path + ".before-continuo-\(stamp)"
    let taken = { FileManager.default.fileExists(atPath: $0) }
    guard taken(base) else { return URL(fileURLWithPath: base) }
    let number = (2...10_000).first { !taken("\(base)-\($0)") } ?? 10_001
    return URL(fileURLWithPath: "\(base)-\(number)")
  }

  private func put(_ data: Data, _ url: URL, _ mode: mode_t) throws(ArdourError) {
    do {
      try WholeFile.write([UInt8](data), to: url.path, mode: mode)
    } catch {
      throw .unwritable(path: url.path, reason: error.systemReason)
    }
  }
}

extension ArdourSettings {
  /// Writes what has to change; the copies made of what was there.
  ///
  /// Throws `ArdourError.stillRunning` while an Ardour uses the files, which it would overwrite when
  /// it ends, and `unwritable`; of two files the second may then be as it was.
  public func write(
    refusing running: RunningArdour = RunningArdour(), now: Date = Date()
  ) throws(ArdourError) -> [URL] {
    var copies: [URL] = []
    let stamp = now.formatted(.iso8601).filter { $0.isNumber || $0 == "T" }
    for change in [session, configuration] where change.isNeeded {
      let users = running.using(
        configurationFolder: configuration.url.deletingLastPathComponent(), session: session.url)
      guard users.isEmpty else { throw .stillRunning(processes: users) }
      if let copy = try SafeRewrite(change: change).write(stamp: stamp) { copies.append(copy) }
    }
    return copies
  }
}
