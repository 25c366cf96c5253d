// SPDX-License-Identifier: MIT
import ContinuoTestSupport
import Foundation

/// A line of a take as the contract with the outside spells it, read without the product's code.
struct CapturedLine: Decodable, Equatable {
  var frame: UInt64
  var port: Int
  var bytes: String
  var bar: Int?
  var beat: Int?
  var tick: Double?
  var transport: String

  /// Every line of the file at `path`; a line that is none is an error.
  static func read(_ path: String) throws -> [CapturedLine] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw TestSupportError.noFile(path: path, hint: "the capture should have written it")
    }
    guard data.isEmpty || data.last == newline else {
      throw TestSupportError.unreadable(
        what: "a file of whole lines", text: String(decoding: data.suffix(100), as: UTF8.self))
    }
    let decoder = JSONDecoder()
    return try data.split(separator: newline).map { line in
      do {
        return try decoder.decode(CapturedLine.self, from: line)
      } catch {
        throw TestSupportError.unreadable(
          what: "a line of a take (\(error))",
          text: String(decoding: line.prefix(200), as: UTF8.self))
      }
    }
  }

  /// How many whole lines the file at `path` has; 0 when there is none.
  static func count(_ path: String) -> Int {
    guard let data = FileManager.default.contents(atPath: path) else { return 0 }
    return data.withUnsafeBytes { bytes in bytes.reduce(0) { $0 + ($1 == newline ? 1 : 0) } }
  }
}

private let newline = UInt8(ascii: "\n")

/// What can be compared of a sent and of a captured event.
struct FramedEvent: Equatable, CustomStringConvertible {
  var frame: UInt64
  var bytes: String

  init(_ line: CapturedLine) {
    frame = line.frame
    bytes = line.bytes
  }

  init(_ event: WitnessedEvent) {
    frame = event.frame
    bytes = hex(event.bytes)
  }

  var description: String { "\(frame) \(bytes.prefix(24))" }
}
