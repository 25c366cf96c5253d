// SPDX-License-Identifier: MIT
import Foundation

/// The programs that were built beside the tests that run now.
public enum BuiltProducts {
  /// The path of the program `name`, in the folder the running test bundle is in.
  public static func path(_ name: String) throws -> String {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let folder = URL(fileURLWithPath: tests).deletingLastPathComponent()
    let path = folder.appendingPathComponent(name).path
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw TestSupportError.noFile(
        path: path, hint: "'swift build --product \(name)' with the tests' options makes it")
    }
    return path
  }
}
