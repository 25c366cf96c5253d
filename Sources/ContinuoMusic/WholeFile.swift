// SPDX-License-Identifier: MIT
import Glibc

/// A small file of settings or state: whole or not at all, and nothing left beside it.
public enum WholeFile {
  /// Puts `bytes` in place of what `path` holds; a link to a file stays one.
  ///
  /// `mode` is the file's in the end, such as 0o600. Throws `MusicError.disk`; what was there is then
  /// as it was.
  public static func write(
    _ bytes: [UInt8], to path: String, mode: UInt32
  ) throws(MusicError) {
    let file = try AtomicFile(path: path, mode: mode)
    do {
      let result = bytes.withUnsafeBytes { buffer -> Result<Void, MusicError> in
        Result { () throws(MusicError) in try file.write(buffer) }
      }
      try result.get()
      try file.commit()
    } catch {
      file.discard()
      unlink(file.partialPath)
      guard case .disk(let operation, let path, let code, _) = error else { throw error }
      throw .disk(operation: operation, path: path, code: code, saved: nil)
    }
  }
}

extension MusicError {
  /// The system's own word for a refused file operation: "No space left on device".
  public var systemReason: String {
    if case .disk(_, _, let code, _) = self { String(cString: strerror(code)) } else { description }
  }
}
