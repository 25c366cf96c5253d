// SPDX-License-Identifier: MIT
import CLiblo

/// Datagrams to messages and back, through liblo's checked coder.
///
/// Bundles are taken apart here rather than by `lo_server`, which would hold messages back until
/// their time tag and recurse as deep as a stranger likes.
public enum OSCPacket {
  /// The longest datagram that UDP carries over IPv4, in bytes.
  public static let maximumSize = 65_507
  /// The longest address accepted from outside, in bytes.
  public static let maximumAddress = 1024
  /// How deep bundles may nest.
  public static let maximumDepth = 8

  /// What a datagram held.
  public struct Contents: Hashable, Sendable {
    /// The messages in order, those of bundles included; time tags are not waited for.
    public internal(set) var messages: [OSCMessage] = []
    /// Messages and bundles that broke the rules and were passed over.
    public internal(set) var malformed = 0
  }

  /// Reads a datagram; total on every input, in time linear in `bytes.count`.
  public static func decode(_ bytes: some Collection<UInt8>) -> Contents {
    var contents = Contents()
    var pending: [(part: ArraySlice<UInt8>, depth: Int)] = [(Array(bytes)[...], 0)]
    while let (part, depth) = pending.popLast() {
      if part.starts(with: bundleMark) {
        guard depth < maximumDepth, let elements = elements(ofBundle: part) else {
          contents.malformed += 1
          continue
        }
        pending += elements.reversed().map { ($0, depth + 1) }
      } else if let message = message(part) {
        contents.messages.append(message)
      } else {
        contents.malformed += 1
      }
    }
    return contents
  }

  /// The datagram for `message`.
  ///
  /// Throws `OSCError.unsendable` for an address without a leading "/", text with a NUL, an empty
  /// blob (liblo has none), and more than `maximumSize` bytes.
  public static func encode(_ message: OSCMessage) throws(OSCError) -> [UInt8] {
    let address = message.address
    func refusal(_ reason: String) -> OSCError { .unsendable(address: address, reason: reason) }
    guard address.utf8.first == UInt8(ascii: "/"), !address.utf8.contains(0) else {
      throw refusal("an address begins with / and holds no NUL")
    }
    guard let encoded = lo_message_new() else { throw refusal("memory is exhausted") }
    defer { lo_message_free(encoded) }
    for argument in message.arguments {
      if let text = argument.text, text.utf8.contains(0) { throw refusal("text holds a NUL") }
      if case .blob(let bytes) = argument, !(1...maximumSize).contains(bytes.count) {
        throw refusal("a blob of \(bytes.count) bytes; 1 to 65507 can be sent")
      }
      guard add(argument, to: encoded) else { throw refusal("memory is exhausted") }
    }
    var size = lo_message_length(encoded, address)
    guard size <= maximumSize else { throw refusal("it has \(size) bytes, UDP carries 65507") }
    var bytes = [UInt8](repeating: 0, count: size)
    bytes.withUnsafeMutableBytes { buffer in
      _ = lo_message_serialise(encoded, address, buffer.baseAddress, &size)
    }
    return bytes
  }

  private static let bundleMark = Array("#bundle\0".utf8)

  /// A bundle's elements, or nil unless their sizes fill it exactly.
  private static func elements(ofBundle bundle: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
    var rest = bundle.dropFirst(8)
    guard rest.count >= 8 else { return nil }
    rest = rest.dropFirst(8)
    var elements: [ArraySlice<UInt8>] = []
    while !rest.isEmpty {
      guard rest.count >= 4 else { return nil }
      let size = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(4)
      guard size > 0, size % 4 == 0, size <= rest.count else { return nil }
      elements.append(rest.prefix(size))
      rest = rest.dropFirst(size)
    }
    return elements
  }

  private static func message(_ part: ArraySlice<UInt8>) -> OSCMessage? {
    guard part.first == UInt8(ascii: "/"),
      let end = part.prefix(maximumAddress + 1).firstIndex(of: 0),
      let address = String(validating: part[part.startIndex..<end], as: UTF8.self)
    else { return nil }
    var bytes = Array(part)
    return bytes.withUnsafeMutableBytes { buffer -> OSCMessage? in
      var result: Int32 = 0
      guard let decoded = lo_message_deserialise(buffer.baseAddress, buffer.count, &result) else {
        return nil
      }
      defer { lo_message_free(decoded) }
      guard result == 0, let types = lo_message_get_types(decoded) else { return nil }
      let count = Int(lo_message_get_argc(decoded))
      let values = lo_message_get_argv(decoded)
      var arguments: [OSCArgument] = []
      arguments.reserveCapacity(count)
      for index in 0..<count {
        let value = values?[index].map { UnsafeRawPointer($0) }
        guard let argument = argument(type: UInt8(bitPattern: types[index]), value) else {
          return nil
        }
        arguments.append(argument)
      }
      return OSCMessage(address, arguments)
    }
  }

  /// The argument of one type tag; liblo has checked its size and turned it to host order.
  private static func argument(type: UInt8, _ value: UnsafeRawPointer?) -> OSCArgument? {
    switch UnicodeScalar(type) {
    case "T": return .bool(true)
    case "F": return .bool(false)
    case "N": return .null
    case "I": return .impulse
    default: break
    }
    guard let value else { return nil }
    switch UnicodeScalar(type) {
    case "i": return .int32(value.loadUnaligned(as: Int32.self))
    case "h": return .int64(value.loadUnaligned(as: Int64.self))
    case "f": return .float(value.loadUnaligned(as: Float.self))
    case "d": return .double(value.loadUnaligned(as: Double.self))
    case "s": return .string(String(cString: value.assumingMemoryBound(to: CChar.self)))
    case "S": return .symbol(String(cString: value.assumingMemoryBound(to: CChar.self)))
    case "c":
      return .character(UInt8(truncatingIfNeeded: value.loadUnaligned(as: Int32.self)))
    case "b":
      let count = Int(value.loadUnaligned(as: UInt32.self))
      return .blob(Array(UnsafeRawBufferPointer(start: value + 4, count: count)))
    case "t":
      let tag = value.loadUnaligned(as: lo_timetag.self)
      return .timetag(UInt64(tag.sec) << 32 | UInt64(tag.frac))
    case "m": return .midi(UInt32(bigEndian: value.loadUnaligned(as: UInt32.self)))
    default: return nil
    }
  }

  private static func add(_ argument: OSCArgument, to message: lo_message) -> Bool {
    let result: Int32
    switch argument {
    case .int32(let value): result = lo_message_add_int32(message, value)
    case .int64(let value): result = lo_message_add_int64(message, value)
    case .float(let value): result = lo_message_add_float(message, value)
    case .double(let value): result = lo_message_add_double(message, value)
    case .string(let text): result = lo_message_add_string(message, text)
    case .symbol(let text): result = lo_message_add_symbol(message, text)
    case .character(let byte):
      result = lo_message_add_char(message, CChar(bitPattern: byte))
    case .bool(let truth):
      result = truth ? lo_message_add_true(message) : lo_message_add_false(message)
    case .null: result = lo_message_add_nil(message)
    case .impulse: result = lo_message_add_infinitum(message)
    case .blob(let bytes):
      guard let blob = lo_blob_new(Int32(bytes.count), bytes) else { return false }
      defer { lo_blob_free(blob) }
      result = lo_message_add_blob(message, blob)
    case .timetag(let tag):
      result = lo_message_add_timetag(
        message,
        lo_timetag(sec: UInt32(tag >> 32), frac: UInt32(truncatingIfNeeded: tag)))
    case .midi(let word):
      var bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) }
      result = lo_message_add_midi(message, &bytes)
    }
    return result == 0
  }
}
