// SPDX-License-Identifier: MIT
import Foundation

/// The text of an XML file in which single attributes and elements are changed, the rest left byte
/// for byte as it was.
///
/// Writing a parsed tree anew would change every line of the musician's file.
struct XMLText {
  private(set) var bytes: [UInt8]
  /// Start tags of the outer levels, in order.
  private var tags: [Tag] = []

  /// A start tag and where its element's contents end.
  private struct Tag {
    let path: [String]
    /// From "<" to after ">".
    let range: Range<Int>
    /// Values without their marks.
    let attributes: [(name: String, value: Range<Int>)]
    let isEmpty: Bool
    /// Where its end tag begins; the end of the start tag for an empty element.
    var contentsEnd: Int
  }

  /// Why a text is no XML that is dealt with here.
  struct Malformed: Error, Equatable {
    let reason: String
    /// From 1.
    let line: Int
  }

  /// Elements nested deeper are refused.
  static let maximumDepth = 64
  /// Tags farther in are checked but not remembered.
  private static let rememberedDepth = 3

  init(_ data: Data) throws(Malformed) {
    bytes = [UInt8](data)
    try scan()
  }

  /// The value of an attribute of the first element at `path`, of the one called `name` if given.
  func value(of attribute: String, at path: String..., named name: String? = nil) -> String? {
    guard let tag = tag(path, name) else { return nil }
    return tag.attributes.first { $0.name == attribute }.map { text($0.value) }
  }

  /// Whether there is such an element.
  func has(_ path: String..., named name: String? = nil) -> Bool { tag(path, name) != nil }

  /// Gives an attribute a value, which must need no escapes; false when there is no such element.
  @discardableResult
  mutating func set(
    _ attribute: String, to value: String, at path: String..., named name: String? = nil
  ) throws(Malformed) -> Bool {
    guard let tag = tag(path, name) else { return false }
    if let known = tag.attributes.first(where: { $0.name == attribute }) {
      bytes.replaceSubrange(known.value, with: value.utf8)
    } else {
      let end = tag.range.upperBound - (tag.isEmpty ? 2 : 1)
      bytes.insert(contentsOf: " \(attribute)=\"\(value)\"".utf8, at: end)
    }
    try scan()
    return true
  }

  /// Adds `lines` as the last contents of the first element at `path`; false without one.
  @discardableResult
  mutating func append(_ lines: [String], to path: String...) throws(Malformed) -> Bool {
    guard let tag = tag(path, nil), let name = path.last else { return false }
    let margin = String(repeating: "  ", count: path.count)
    let text = lines.map { "\(margin)\($0)\n" }.joined()
    let outer = String(margin.dropLast(2))
    if tag.isEmpty {
      let end = tag.range.upperBound
      bytes.replaceSubrange(end - 2..<end, with: ">\n\(text)\(outer)</\(name)>".utf8)
    } else {
      // Before the end tag's own indentation, when it stands on a line of its own.
      var at = tag.contentsEnd
      while at > tag.range.upperBound, bytes[at - 1] == 32 || bytes[at - 1] == 9 { at -= 1 }
      let isOwnLine = at > 0 && bytes[at - 1] == 10
      bytes.insert(
        contentsOf: (isOwnLine ? text : "\n\(text)\(outer)").utf8,
        at: isOwnLine ? at : tag.contentsEnd)
    }
    try scan()
    return true
  }

  private func tag(_ path: [String], _ name: String?) -> Tag? {
    tags.first { tag in
      guard tag.path == path else { return false }
      guard let name else { return true }
      return tag.attributes.contains { $0.name == "name" && text($0.value) == name }
    }
  }

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  // MARK: Scanning

  private mutating func scan() throws(Malformed) {
    tags = []
    var open: [(name: String, tag: Int?)] = []
    var roots = 0
    var at = 0
    while let start = bytes[at...].firstIndex(of: UInt8(ascii: "<")) {
      let second = start + 1 < bytes.count ? bytes[start + 1] : 0
      if second != UInt8(ascii: "!"), second != UInt8(ascii: "?"), second != UInt8(ascii: "/") {
        let path = open.map(\.name)
        let (name, tag) = try startTag(at: start, path: path)
        roots += open.isEmpty ? 1 : 0
        guard roots == 1 else { throw malformed("it has a second outermost element", start) }
        let isRemembered = path.count < Self.rememberedDepth
        if isRemembered { tags.append(tag) }
        at = tag.range.upperBound
        guard !tag.isEmpty else { continue }
        guard open.count < Self.maximumDepth else {
          throw malformed("it is nested too deep", start)
        }
        open.append((name, isRemembered ? tags.count - 1 : nil))
      } else if begins("<!--", at: start) {
        at = try end(of: "-->", from: start + 4)
      } else if begins("<![CDATA[", at: start) {
        at = try end(of: "]]>", from: start + 9)
      } else if begins("<?", at: start) {
        at = try end(of: "?>", from: start + 2)
      } else if begins("<!", at: start) {
        throw malformed("it declares an XML document type", start)
      } else {
        at = try end(of: ">", from: start + 2)
        let name = text(start + 2..<at - 1).trimmingCharacters(in: .whitespaces)
        guard let last = open.popLast(), last.name == name else {
          throw malformed("</\(name.prefix(40))> closes nothing that is open", start)
        }
        if let index = last.tag { tags[index].contentsEnd = start }
      }
    }
    if let left = open.last { throw malformed("<\(left.name.prefix(40))> is never closed", at) }
    guard roots == 1 else { throw malformed("it has no element", 0) }
  }

  private func startTag(at start: Int, path: [String]) throws(Malformed) -> (String, Tag) {
    var at = start + 1
    func word() -> String {
      let from = at
      while at < bytes.count, !isSpace(bytes[at]), !endsWord(bytes[at]) { at += 1 }
      return text(from..<at)
    }
    let name = word()
    guard !name.isEmpty else { throw malformed("a tag has no name", start) }
    var attributes: [(name: String, value: Range<Int>)] = []
    while true {
      while at < bytes.count, isSpace(bytes[at]) { at += 1 }
      guard at < bytes.count else { throw malformed("a tag breaks off", start) }
      if bytes[at] == UInt8(ascii: ">") || begins("/>", at: at) {
        let isEmpty = bytes[at] == UInt8(ascii: "/")
        let end = at + (isEmpty ? 2 : 1)
        let tag = Tag(
          path: path + [name], range: start..<end, attributes: attributes, isEmpty: isEmpty,
          contentsEnd: end)
        return (name, tag)
      }
      let attribute = word()
      while at < bytes.count, isSpace(bytes[at]) { at += 1 }
      guard !attribute.isEmpty, at < bytes.count, bytes[at] == UInt8(ascii: "=") else {
        throw malformed("an attribute of <\(name.prefix(40))> has no value", start)
      }
      at += 1
      while at < bytes.count, isSpace(bytes[at]) { at += 1 }
      guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") || bytes[at] == UInt8(ascii: "'"),
        let end = bytes[(at + 1)...].firstIndex(of: bytes[at])
      else { throw malformed("a value in <\(name.prefix(40))> has no end", start) }
      attributes.append((attribute, at + 1..<end))
      at = end + 1
    }
  }

  private func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  /// One of = / > < and the marks round a value.
  private func endsWord(_ byte: UInt8) -> Bool {
    byte == 0x3D || byte == 0x2F || byte == 0x3E || byte == 0x3C || byte == 0x22 || byte == 0x27
  }

  private func begins(_ text: StaticString, at index: Int) -> Bool {
    bytes[index...].starts(with: "\(text)".utf8)
  }

  private func end(of mark: StaticString, from start: Int) throws(Malformed) -> Int {
    let wanted = Array("\(mark)".utf8)
    var at = start
    while at + wanted.count <= bytes.count {
      if bytes[at] == wanted[0], bytes[at...].starts(with: wanted) { return at + wanted.count }
      at += 1
    }
    throw malformed("it breaks off", start)
  }

  private func malformed(_ reason: String, _ at: Int) -> Malformed {
    Malformed(reason: reason, line: 1 + bytes[..<min(at, bytes.count)].count { $0 == 10 })
  }
}
