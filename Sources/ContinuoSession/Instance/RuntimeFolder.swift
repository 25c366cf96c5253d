// SPDX-License-Identifier: MIT
import Glibc

/// The folder where running instances are found: one socket and one lock each, for one user only.
public struct RuntimeFolder: Hashable, Sendable {
  /// The folder, absolute.
  public let path: String

  /// `$XDG_RUNTIME_DIR/continuo`, or `/tmp/continuo-<uid>` when that is unset or not absolute.
  public init(environment: [String: String]) {
    if let runtime = environment["XDG_RUNTIME_DIR"], runtime.hasPrefix("/") {
      path = runtime.hasSuffix("/") ? "\(runtime)continuo" : "\(runtime)/continuo"
    } else {
      path = "/tmp/continuo-\(geteuid())"
    }
  }

  /// A folder of the caller's choice, absolute; its parent must be there.
  public init(path: String) { self.path = path }

  /// The socket of the instance called `name`.
  public func socketPath(of name: String) -> String { "\(path)/\(name).sock" }

  /// The lock that the instance called `name` holds while it lives.
  public func lockPath(of name: String) -> String { "\(path)/\(name).lock" }

  /// Makes the folder when it is missing, for this user only, and checks it.
  public func prepare() throws(InstanceError) {
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
      let code = errno
      throw code == ENOENT
        ? .folderMissing(path: parent) : .system(call: "mkdir", path: path, code: code)
    }
    guard try check(tightening: true) else { throw .folderMissing(path: path) }
  }

  /// Whether the folder is there and this user's alone.
  ///
  /// - Throws: `.folderUnsafe` for a link, another user's folder, or one that others may enter.
  public func exists() throws(InstanceError) -> Bool { try check(tightening: false) }

  /// - Returns: false when the folder is missing.
  private func check(tightening: Bool) throws(InstanceError) -> Bool {
    // Checked through a descriptor, so that what is checked is what is there.
    let raw = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard raw >= 0 else {
      switch errno {
      case ENOENT: return false
      case ELOOP, ENOTDIR:
        throw .folderUnsafe(path: path, reason: "it is a link or a file: remove it")
      case let code: throw .system(call: "open", path: path, code: code)
      }
    }
    let folder = Descriptor(raw)
    var facts = stat()
    guard fstat(folder.raw, &facts) == 0 else {
      throw .system(call: "fstat", path: path, code: errno)
    }
    guard facts.st_uid == geteuid() else {
      throw .folderUnsafe(path: path, reason: "it belongs to another user: remove it")
    }
    guard facts.st_mode & 0o077 != 0 else { return true }
    guard tightening else {
      throw .folderUnsafe(path: path, reason: "others may enter it: chmod 700 it")
    }
    guard fchmod(folder.raw, 0o700) == 0 else {
      throw .system(call: "fchmod", path: path, code: errno)
    }
    return true
  }

  private var parent: String {
    let leafless = path.split(separator: "/").dropLast().joined(separator: "/")
    return "/" + leafless
  }
}
