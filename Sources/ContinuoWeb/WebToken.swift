// SPDX-License-Identifier: MIT
import Glibc

/// The secret that a browser or program must show: 32 random bytes, in hexadecimal digits.
struct WebToken: Sendable {
  let text: String

  /// Makes a new one from the system's random source.
  init() {
    var random = SystemRandomNumberGenerator()
    let digits = Array("0123456789abcdef")
    text = String(
      (0..<32).flatMap { _ in
        let byte = Int(UInt8.random(in: 0...255, using: &random))
        return [digits[byte >> 4], digits[byte & 15]]
      })
  }

  /// Whether `candidate` is the token; takes the same time wherever the two differ.
  func matches(_ candidate: some StringProtocol) -> Bool {
    let mine = Array(text.utf8)
    let theirs = Array(candidate.utf8.prefix(mine.count + 1))
    var difference = mine.count ^ theirs.count
    for index in mine.indices {
      let byte = index < theirs.count ? theirs[index] : 0
      difference |= Int(mine[index] ^ byte)
    }
    return difference == 0
  }

  /// Writes `text` to a new file for this user alone; an old one of the name is replaced.
  static func write(_ text: String, to path: String) throws(WebError) {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw .cannotWrite(path: path, code: errno)
    }
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw .cannotWrite(path: path, code: errno) }
    defer { close(file) }
    let bytes = Array(text.utf8)
    guard Glibc.write(file, bytes, bytes.count) == bytes.count else {
      throw .cannotWrite(path: path, code: errno)
    }
  }
}
