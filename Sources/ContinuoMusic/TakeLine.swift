// SPDX-License-Identifier: MIT

/// The spelling of a take's event as one line of JSON.
enum TakeLine {
  private static let digits: [UInt8] = Array("0123456789abcdef".utf8)

  /// Appends `event` and a line feed; the place in the song only when it is known and a number.
  static func append(_ event: Take.Event, to line: inout [UInt8]) {
    line.append(contentsOf: #"{"frame":"#.utf8)
    line.append(contentsOf: String(event.frame).utf8)
    line.append(contentsOf: #","port":"#.utf8)
    line.append(contentsOf: String(event.port).utf8)
    line.append(contentsOf: #","bytes":""#.utf8)
    for byte in event.bytes {
      line.append(digits[Int(byte >> 4)])
      line.append(digits[Int(byte & 0x0F)])
    }
    line.append(UInt8(ascii: "\""))
    if let position = event.position, position.tick.isFinite {
      line.append(contentsOf: #","bar":"#.utf8)
      line.append(contentsOf: String(position.bar).utf8)
      line.append(contentsOf: #","beat":"#.utf8)
      line.append(contentsOf: String(position.beat).utf8)
      line.append(contentsOf: #","tick":"#.utf8)
      line.append(contentsOf: number(position.tick).utf8)
    }
    line.append(contentsOf: #","transport":""#.utf8)
    line.append(contentsOf: (event.rolling ? "rolling" : "stopped").utf8)
    line.append(contentsOf: "\"}\n".utf8)
  }

  /// A whole number without a point, else the shortest digits that read back the same.
  private static func number(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 0x1p53 { return String(Int(value)) }
    return value.description
  }
}
