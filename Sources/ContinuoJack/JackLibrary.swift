// SPDX-License-Identifier: MIT
internal import CJack
internal import Foundation

extension JackClient {
  /// Which JACK library this program was loaded with.
  public struct Library: Hashable, Sendable {
    /// The version it tells of itself.
    public let version: String
    /// The file it was loaded from; nil when the system does not tell.
    public let path: String?
  }

  /// The library in use.
  ///
  /// Asks no server; reads this process's own map of memory. Any thread but JACK's.
  public static var library: Library {
    // The library keeps its text for good.
    let version = unsafe jack_get_version_string().map { unsafe String(cString: $0) } ?? "?"
    // Files of /proc say that they are empty: read to the end, whatever the size.
    let file = FileHandle(forReadingAtPath: "/proc/self/maps")
    let map = (try? file?.readToEnd()).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let line = map.split(separator: "\n").first { $0.contains("/libjack.so") }
    let path = line.flatMap { line in line.firstIndex(of: "/").map { String(line[$0...]) } }
    return Library(version: version, path: path)
  }
}
