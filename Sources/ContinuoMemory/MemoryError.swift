// SPDX-License-Identifier: MIT

/// Why the memory cannot do what was asked.
public enum MemoryError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file cannot be opened, read or written.
  case unusable(path: String, reason: String)
  /// The file's form is that of a later Continuo; nothing in it was touched.
  case newer(path: String)
  /// There is no candidate with this number.
  case unknown(id: Int64)

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .unusable(let path, let reason):
      "The memory in \(path) cannot be used: \(reason)"
    case .newer(let path):
      "The memory in \(path) is from a later Continuo: use that one, or move the file away"
    case .unknown(let id):
      "There is no #\(id) in the library: `library` lists what there is"
    }
  }
}
