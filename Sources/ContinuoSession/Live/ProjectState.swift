// SPDX-License-Identifier: MIT
internal import ContinuoMusic
internal import Foundation

/// What a session is taken up again with: what it listens to, where it plays, what it made.
struct ProjectState: Codable, Hashable, Sendable {
  /// A track or port that an input listens to.
  struct Followed: Codable, Hashable, Sendable {
    /// From 1.
    var input: Int
    var name: String
    /// "client:port".
    var port: String
  }

  /// The form's version; a higher one is from a later Continuo and is refused.
  static let version = 1
  /// The file's name in a project's folder.
  static let fileName = "continuo.json"
  /// Larger files are not read, in bytes.
  static let maximumSize = 64 << 20

  var version = Self.version
  /// By input number.
  var followed: [Followed] = []
  /// Whether what is followed goes with Ardour's selection.
  var followsSelection = false
  /// What hears `out`, save what only an audition connects.
  var listeners: [String] = []
  /// The tempo Continuo gives JACK; nil when others do.
  var tempo: TempoSetting?
  /// The last request's candidates.
  var shelf: CandidateShelf?

  /// Reads and checks a file; every value lies within `CommandLimits` afterwards.
  /// - Throws: `CommandFailure`, naming the file and what is wrong in it.
  init(reading file: URL) throws(CommandFailure) {
    func refuse(_ reason: String) -> CommandFailure {
      CommandFailure(.failed, "Cannot take up \(TerminalText.clean(file.path)): \(reason)")
    }
    let data: Data
    do {
      let values = try file.resourceValues(forKeys: [.fileSizeKey, .isRegularFileKey])
      guard values.isRegularFile == true else { throw refuse("it is no file") }
      guard (values.fileSize ?? 0) <= Self.maximumSize else {
        throw refuse("it is larger than \(Self.maximumSize) bytes")
      }
      data = try Data(contentsOf: file)
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw refuse(error.localizedDescription)
    }
    struct Header: Decodable { var version: Int }
    do {
      let header = try JSONDecoder().decode(Header.self, from: data)
      guard header.version == Self.version else {
        throw refuse(
          "its form is version \(header.version), and this Continuo reads \(Self.version)")
      }
      self = try JSONDecoder().decode(ProjectState.self, from: data)
      try check()
    } catch let failure as CommandFailure {
      throw failure
    } catch let error as CommandError {
      throw refuse("\(error)")
    } catch let error as DecodingError {
      throw refuse(Self.sentence(error))
    } catch {
      throw refuse(error.localizedDescription)
    }
  }

  init() {}

  /// Writes it whole or not at all, for its owner alone.
  func write(to file: URL) throws(CommandFailure) {
    do {
      try WholeFile.write([UInt8](encoded), to: file.path, mode: 0o600)
    } catch {
      throw CommandFailure(
        .failed,
        "Cannot write \(TerminalText.clean(file.path)): \(error.systemReason); what was there is kept"
      )
    }
  }

  /// The file's bytes; equal states have equal bytes.
  var encoded: Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    // Numbers, texts and lists alone: encoding cannot fail.
    return (try? encoder.encode(self)) ?? Data()
  }

  private func check() throws {
    guard followed.count <= LiveSession.inputCount, listeners.count <= 64,
      Set(followed.map(\.input)).count == followed.count,
      followed.allSatisfy({ (1...LiveSession.inputCount).contains($0.input) })
    else { throw CommandError.badSetting(name: "followed", value: "…", reason: "too many inputs") }
    for track in followed {
      try Check.name("track", track.name)
      try Check.name("port", track.port)
    }
    for port in listeners { try Check.name("port", port) }
    if let tempo { _ = try Command.tempo(setting: tempo).validated() }
    if let shelf { try shelf.check() }
  }

  private static func sentence(_ error: DecodingError) -> String {
    func place(_ context: DecodingError.Context) -> String {
      let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
      return path.isEmpty ? "" : " at \(path.joined(separator: "."))"
    }
    switch error {
    case .keyNotFound(let key, let context): return "\(key.stringValue) is missing\(place(context))"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "a value of another sort stands\(place(context))"
    case .dataCorrupted(let context):
      return context.codingPath.isEmpty ? "it is no JSON" : "a value cannot be\(place(context))"
    @unknown default: return "it is no state of Continuo's"
    }
  }
}

extension CandidateShelf {
  /// The most notes of one pattern that are taken up.
  private static let maximumNotes = 100_000

  fileprivate func check() throws {
    try Check.name("track", track)
    try Check.text("the request", request, characters: CommandLimits.requestCharacters)
    try Check.range("the first bar", firstBar, CommandLimits.bar)
    try Check.range("the number of candidates", candidates.count, 0...99)
    for pattern in [original] + candidates.map(\.pattern) {
      try Check.range("a pattern's notes", pattern.notes.count, 0...Self.maximumNotes)
      try Check.range("a pattern's bars", pattern.bars, CommandLimits.captureBars)
    }
    guard start.isFinite, candidates.allSatisfy({ $0.score.isFinite }) else {
      throw CommandError.badSetting(name: "score", value: "…", reason: "it is no number")
    }
  }
}
