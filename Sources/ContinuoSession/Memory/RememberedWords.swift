// SPDX-License-Identifier: MIT
internal import ContinuoMusic
internal import ContinuoAnalysis
internal import ContinuoMemory
internal import Foundation

/// What is remembered, as a musician reads it and as programs do.
enum RememberedWords {
  /// "2026-11-24 14:02", in this machine's time.
  static func date(_ date: Date) -> String {
    let parts = Calendar(identifier: .gregorian).dateComponents(
      [.year, .month, .day, .hour, .minute], from: date)
    func two(_ number: Int?) -> String { (number ?? 0) < 10 ? "0\(number ?? 0)" : "\(number ?? 0)" }
    return "\(parts.year ?? 0)-\(two(parts.month))-\(two(parts.day)) "
      + "\(two(parts.hour)):\(two(parts.minute))"
  }

  /// "A minor"; nil when it was not known.
  static func key(_ tonic: Int?, _ mode: String?) -> String? {
    tonic.flatMap { tonic in
      mode.flatMap(Mode.init(rawValue:)).map { "\(Key(tonic: tonic, mode: $0))" }
    }
  }

  /// A request's first line.
  static func heading(_ request: RememberedRequest) -> String {
    let last = request.firstBar + request.original.bars - 1
    let key = key(request.tonic, request.mode).map { ", \($0)" } ?? ""
    return "\(date(request.at))  \(TerminalText.clean(request.track)), bars "
      + "\(request.firstBar)-\(last)\(key): “\(TerminalText.shortened(request.words, to: 100))”"
      + (request.varies.map { " (varies #\($0))" } ?? "")
  }

  /// A candidate in one line, with what became of it.
  static func line(_ entry: LibraryEntry, _ request: RememberedRequest? = nil) -> String {
    var fates: [String] = []
    if entry.auditions > 0 {
      fates.append("auditioned \(entry.auditions) \(times(entry.auditions))")
    }
    if let request {
      fates += request.keeps.filter { $0.candidate == entry.id }.map(keep)
    } else if entry.keeps > 0 {
      fates.append("kept")
    }
    if entry.isDiscarded { fates.append("discarded") }
    return "#\(entry.id)\(entry.isStarred ? " ★" : "")  \(TerminalText.clean(entry.name))  "
      + "(score \(decimal(entry.score)))"
      + (fates.isEmpty ? "" : "  " + fates.joined(separator: ", "))
  }

  /// A keep in words.
  static func keep(_ keep: RememberedKeep) -> String {
    "\(keep.way == "imported" ? "imported" : "kept") in \(TerminalText.clean(keep.track)) bar "
      + "\(keep.firstBar)"
      + (keep.takenBack != nil ? ", taken back" : keep.isVerified ? ", verified" : ", NOT verified")
  }

  private static func times(_ count: Int) -> String { count == 1 ? "time" : "times" }

  /// "bass, A minor, 4/4, 4 bars, 120 BPM".
  static func facts(_ entry: LibraryEntry) -> String {
    ([entry.kind] + [key(entry.tonic, entry.mode)].compactMap { $0 }
      + ["\(entry.meter)", "\(entry.bars) \(entry.bars == 1 ? "bar" : "bars")"]
      + [entry.tempo.map { "\(decimal($0)) BPM" }].compactMap { $0 }).joined(separator: ", ")
  }

  /// An entry for `--json`.
  static func data(_ entry: LibraryEntry) -> JSONValue {
    [
      "id": .int(Int(entry.id)), "request": .int(Int(entry.request)),
      "at": .string(entry.at.formatted(.iso8601)), "name": .string(entry.name),
      "summary": .string(entry.summary), "words": .string(entry.words),
      "track": .string(entry.track), "firstBar": .int(entry.firstBar), "kind": .string(entry.kind),
      "composer": .string(entry.composer), "score": .number(entry.score),
      "key": key(entry.tonic, entry.mode).map { .string($0) } ?? .null,
      "metre": .string("\(entry.meter)"), "tempo": entry.tempo.map { .number($0) } ?? .null,
      "bars": .int(entry.bars), "notes": .int(entry.notes), "starred": .bool(entry.isStarred),
      "auditions": .int(entry.auditions), "keeps": .int(entry.keeps),
      "discarded": .bool(entry.isDiscarded),
    ]
  }

  /// A request for `--json`.
  static func data(_ request: RememberedRequest) -> JSONValue {
    [
      "id": .int(Int(request.id)), "session": .int(Int(request.session)),
      "at": .string(request.at.formatted(.iso8601)), "words": .string(request.words),
      "kind": .string(request.kind), "track": .string(request.track),
      "firstBar": .int(request.firstBar), "bars": .int(request.original.bars),
      "tempo": request.tempo.map { .number($0) } ?? .null,
      "key": key(request.tonic, request.mode).map { .string($0) } ?? .null,
      "source": .string(request.source), "sent": request.sent.map { .string($0) } ?? .null,
      "varies": request.varies.map { .int(Int($0)) } ?? .null,
      "candidates": .array(request.candidates.map(data)),
      "keeps": .array(
        request.keeps.map {
          [
            "candidate": .int(Int($0.candidate)), "at": .string($0.at.formatted(.iso8601)),
            "way": .string($0.way), "track": .string($0.track), "firstBar": .int($0.firstBar),
            "verified": .bool($0.isVerified),
            "takenBack": $0.takenBack.map { .string($0.formatted(.iso8601)) } ?? .null,
          ]
        }),
    ]
  }
}
