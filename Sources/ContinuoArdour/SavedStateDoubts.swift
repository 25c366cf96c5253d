// SPDX-License-Identifier: MIT
import Foundation

/// What shows that a session file is older than what Ardour has open.
///
/// Ardour 7.3 tells no dirty flag over OSC, so an empty list is no proof that nothing was changed:
/// edits of notes and tempo leave no trace until the next save.
public struct SavedStateDoubts: Hashable, Sendable {
  /// One sentence for each thing seen; empty when nothing was.
  public let reasons: [String]

  /// Whether the file is known to be older than what Ardour has.
  public var areKnown: Bool { !reasons.isEmpty }

  /// MIDI files this much newer than the session file tell of a change, in seconds: Ardour writes
  /// its own files a moment after the session's while it saves.
  static let tolerance: TimeInterval = 3

  /// Compares `file` with what Ardour tells, `state`, and with the files beside it.
  public init(_ file: SessionFile, against state: ArdourState) {
    var reasons: [String] = []
    if state.isRecording { reasons.append("Ardour is recording now") }
    let saved = Set(file.routes.map(\.name))
    let listed = state.strips.filter { $0.kind.isRoute }.map(\.name)
    let new = listed.filter { !saved.contains($0) }
    if !new.isEmpty {
      let names = new.map { "\"\($0)\"" }.joined(separator: ", ")
      reasons.append("\(names) \(new.count == 1 ? "is" : "are") in Ardour but not in the file")
    }
    let tracks = Set(listed)
    // Without a list nothing is known to be missing.
    let lost =
      listed.isEmpty
      ? []
      : file.routes.filter { $0.midiPlaylist != nil }.map(\.name)
        .filter { !tracks.contains($0) }
    if !lost.isEmpty {
      let names = lost.map { "\"\($0)\"" }.joined(separator: ", ")
      reasons.append("\(names) \(lost.count == 1 ? "is" : "are") in the file but not in Ardour")
    }
    let written = Self.newestMIDI(beside: file.url)
    if let written, written.date.timeIntervalSince(file.savedAt) > Self.tolerance {
      reasons.append("\(written.name) was written after the session was saved")
    }
    self.reasons = reasons
  }

  /// The MIDI source written last that holds more than an empty track.
  private static func newestMIDI(beside session: URL) -> (name: String, date: Date)? {
    let interchange = session.deletingLastPathComponent().appendingPathComponent("interchange")
    let manager = FileManager.default
    let keys: Set<URLResourceKey> = [.contentModificationDateKey, .fileSizeKey]
    var newest: (name: String, date: Date)?
    for folder in (try? manager.contentsOfDirectory(atPath: interchange.path)) ?? [] {
      let midi = interchange.appendingPathComponent(folder).appendingPathComponent("midifiles")
      let files =
        (try? manager.contentsOfDirectory(at: midi, includingPropertiesForKeys: nil)) ?? []
      for file in files where file.pathExtension == "mid" {
        guard let values = try? file.resourceValues(forKeys: keys),
          let date = values.contentModificationDate,
          // A header and an end of track: what Ardour lays out for each track it opens.
          (values.fileSize ?? 0) > emptyFileSize, date > newest?.date ?? .distantPast
        else { continue }
        newest = (file.lastPathComponent, date)
      }
    }
    return newest
  }

  private static let emptyFileSize = 26
}

extension ArdourStrip.Kind {
  /// Whether the session file lists such a strip among its routes; VCAs stand elsewhere.
  var isRoute: Bool {
    switch self {
    case .midiTrack, .audioTrack, .midiBus, .audioBus: true
    default: false
    }
  }
}
