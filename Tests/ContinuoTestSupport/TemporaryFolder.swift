// SPDX-License-Identifier: MIT
public import Foundation

/// A folder of its own that goes when the last reference to it goes.
///
/// With `CONTINUO_KEEP_FILES` set in the environment it stays, and its path is printed.
public final class TemporaryFolder: Sendable {
  public let url: URL
  public var path: String { url.path }

  public init(_ label: String = "test") throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "continuo-\(label)-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  /// The path of `name` inside; nothing is created.
  public func file(_ name: String) -> String { url.appendingPathComponent(name).path }

  /// Writes `text` to `name` and returns its path.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> String {
    let path = file(name)
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    return path
  }

  deinit {
    if ProcessInfo.processInfo.environment["CONTINUO_KEEP_FILES"] == nil {
      try? FileManager.default.removeItem(at: url)
    } else {
      print("kept: \(url.path)")
    }
  }
}
