// SPDX-License-Identifier: MIT
internal import Foundation
internal import Glibc

/// A secret that can be sent and nothing else: it has no text, no encoding and no mirror.
public struct APIKey: Sendable, CustomStringConvertible, CustomReflectable {
  /// Only for the header that carries it.
  let secret: String

  /// Checks a key: 1...4096 printable ASCII characters without blanks.
  /// - Throws: `ModelError.badKey`, which names `origin` and not the key.
  public init(_ text: String, from origin: String) throws(ModelError) {
    let key = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !key.isEmpty, key.utf8.count <= 4096, key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { throw .badKey(reason: "The key from \(origin) is empty or holds blanks: check it") }
    secret = key
  }

  /// Stands for the key where a request is shown.
  static let shown = APIKey(shown: "(your key)")

  private init(shown: String) { secret = shown }

  /// Never the key.
  public var description: String { "(a key)" }
  /// Nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }

  /// `text` without this key, nor what looks like a part of one.
  func redacted(_ text: String) -> String {
    Self.redactedShapes(text.replacingOccurrences(of: secret, with: "(key)"))
  }

  /// `text` without words that look like keys: servers like to repeat them, half masked.
  static func redactedShapes(_ text: String) -> String {
    text.split(separator: " ", omittingEmptySubsequences: false).map { word in
      let bare = word.drop { !$0.isLetter && !$0.isNumber }
      let isKey =
        bare.hasPrefix("sk-") || bare.hasPrefix("Bearer")
        || (bare.count > 24 && bare.contains("*"))
      return isKey ? "(key)" : String(word)
    }.joined(separator: " ")
  }
}

/// Where a key comes from.
public struct KeySource: Hashable, Sendable {
  /// A command for `/bin/sh` that prints the key; wins over the file and the variable.
  public var command: String?
  /// A file that only its owner can read; wins over the variable.
  public var file: String?
  /// Whether `file` was named by the musician, so that its absence is an error.
  public var fileIsRequired: Bool
  /// An environment variable's name and value.
  public var variable: (name: String, value: String?) { (variableName, held.value) }
  private let variableName: String
  private let held: Held

  /// A value that no description or comparison shows.
  private struct Held: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    let value: String?
    var description: String { value == nil ? "unset" : "set" }
    var customMirror: Mirror { Mirror(self, children: []) }
  }

  /// States where to look; `value` is what the variable `variable` holds.
  public init(
    command: String? = nil, file: String? = nil, fileIsRequired: Bool = false,
    variable: String, value: String?
  ) {
    self.command = command
    self.file = file
    self.fileIsRequired = fileIsRequired
    variableName = variable
    held = Held(value: value)
  }

  /// Looks for the key; blocks while a command runs, half a minute at most.
  /// - Throws: `ModelError.badKey` for a source that is there and cannot be used.
  public func find() throws(ModelError) -> APIKey? {
    if let command { return try Self.run(command) }
    if let file, let key = try read(file) { return key }
    guard let value = held.value, !value.isEmpty else { return nil }
    return try APIKey(value, from: variableName)
  }

  /// Whether a key is to be expected, without looking into any source.
  var isLikely: Bool {
    command != nil || !(held.value ?? "").isEmpty
      || file.map { FileManager.default.fileExists(atPath: $0) } ?? false
  }

  /// The places that were looked at, for a person.
  public var places: String {
    if command != nil { return "the key command" }
    return [variableName, file].compactMap { $0 }.joined(separator: ", or the file ")
  }

  private func read(_ path: String) throws(ModelError) -> APIKey? {
    let handle = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard handle >= 0 else {
      if errno == ENOENT, !fileIsRequired { return nil }
      throw .badKey(
        reason: "The key file \(path) cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { close(handle) }
    var status = stat()
    guard fstat(handle, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .badKey(reason: "The key file \(path) is no file")
    }
    guard status.st_uid == getuid(), status.st_mode & 0o077 == 0 else {
      throw .badKey(reason: "The key file \(path) can be read by others: chmod 600 it")
    }
    var bytes = [UInt8](repeating: 0, count: 4200)
    let count = Glibc.read(handle, &bytes, bytes.count)
    guard count > 0 else { throw .badKey(reason: "The key file \(path) is empty") }
    return try APIKey(String(decoding: bytes.prefix(count), as: UTF8.self), from: path)
  }

  private static func run(_ command: String) throws(ModelError) -> APIKey {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    let output = Pipe()
    process.standardOutput = output
    process.standardInput = FileHandle.nullDevice
    // What it says there might hold the key.
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { throw .badKey(reason: "The key command cannot be started") }
    let pid = process.processIdentifier
    let limit = DispatchWorkItem { kill(pid, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + 30, execute: limit)
    let data = (try? output.fileHandleForReading.read(upToCount: 4200)) ?? Data()
    try? output.fileHandleForReading.close()
    process.waitUntilExit()
    limit.cancel()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw .badKey(
        reason: process.terminationReason == .exit
          ? "The key command failed with status \(process.terminationStatus)"
          : "The key command did not end within 30 s")
    }
    let first = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).first
    return try APIKey(first.map(String.init) ?? "", from: "the key command")
  }
}
