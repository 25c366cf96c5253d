// SPDX-License-Identifier: MIT

import Glibc
import Testing

@testable import ContinuoMusic

/// A small seeded generator, the same everywhere: a failing seed can be run again.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
  mutating func byte(_ range: ClosedRange<UInt8> = 0...127) -> UInt8 {
    UInt8.random(in: range, using: &self)
  }
  mutating func chance(_ oneIn: Int) -> Bool { number(1...oneIn) == 1 }
}

/// Bytes written as hexadecimal, blanks ignored.
func bytes(_ text: String) -> [UInt8] {
  let digits = text.filter { !$0.isWhitespace }.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map {
    UInt8(digits[$0] << 4 | digits[$0 + 1])
  }
}

/// A file's bytes, empty when it cannot be read.
func contents(_ path: String) -> [UInt8] {
  let descriptor = open(path, O_RDONLY)
  guard descriptor >= 0 else { return [] }
  defer { close(descriptor) }
  var all: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(descriptor, &block, block.count)
    guard count > 0 else { return all }
    all += block[..<count]
  }
}

func text(_ path: String) -> String { String(decoding: contents(path), as: UTF8.self) }

func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// A folder of its own that goes away with this value.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/continuo-music-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw Failure.noFolder(errno) }
    path = String(cString: made)
  }

  deinit {
    for name in names { unlink(path + "/" + name) }
    rmdir(path)
  }

  var names: [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  enum Failure: Error { case noFolder(Int32) }
}

func note(
  _ pitch: Int, _ start: Double, _ duration: Double, velocity: Int = 96, release: Int = 64,
  channel: Int = 0
) throws -> Note {
  try #require(
    Note(
      pitch: pitch, velocity: velocity, releaseVelocity: release, channel: channel,
      start: Beats(start), duration: Beats(duration)))
}
