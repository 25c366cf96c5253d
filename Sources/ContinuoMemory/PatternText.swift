// SPDX-License-Identifier: MIT
import ContinuoMusic
import Foundation

/// A pattern as text: small, readable by other programs, and the same to the last bit when read.
///
/// JSON: `name`, `length` in quarters, `meter` [beats, unit], `notes` as [start, duration, pitch,
/// velocity, release velocity, channel 0-15], `controls` as [start, [bytes]].
enum PatternText {
  static func encode(_ pattern: Pattern) throws -> String {
    let form = Form(
      name: pattern.name, length: pattern.length.quarters,
      meter: [pattern.meter.beatsPerBar, pattern.meter.beatUnit],
      notes: pattern.notes.map { NoteRow(note: $0) },
      controls: pattern.controls.map { ControlRow(control: $0) })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(form), as: UTF8.self)
  }

  /// - Throws: `DecodingError` for what is no pattern.
  static func decode(_ text: String) throws -> Pattern {
    let form = try JSONDecoder().decode(Form.self, from: Data(text.utf8))
    guard form.length.isFinite, form.meter.count == 2,
      let meter = Meter(form.meter[0], form.meter[1])
    else {
      throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "no pattern"))
    }
    return Pattern(
      name: form.name, notes: form.notes.map(\.note), controls: form.controls.map(\.control),
      length: Beats(form.length), meter: meter)
  }

  private struct Form: Codable {
    var name: String
    var length: Double
    var meter: [Int]
    var notes: [NoteRow]
    var controls: [ControlRow]
  }

  private struct NoteRow: Codable {
    let note: Note

    init(note: Note) { self.note = note }

    init(from decoder: any Decoder) throws {
      var row = try decoder.unkeyedContainer()
      let start = try row.decode(Double.self)
      let duration = try row.decode(Double.self)
      let pitch = try row.decode(Int.self)
      let velocity = try row.decode(Int.self)
      let release = try row.decode(Int.self)
      let channel = try row.decode(Int.self)
      guard
        let note = Note(
          pitch: pitch, velocity: velocity, releaseVelocity: release, channel: channel,
          start: Beats(start), duration: Beats(duration))
      else {
        throw DecodingError.dataCorruptedError(
          in: row, debugDescription: "a note outside its ranges")
      }
      self.note = note
    }

    func encode(to encoder: any Encoder) throws {
      var row = encoder.unkeyedContainer()
      try row.encode(note.start.quarters)
      try row.encode(note.duration.quarters)
      for value in [note.pitch, note.velocity, note.releaseVelocity, note.channel] {
        try row.encode(value)
      }
    }
  }

  private struct ControlRow: Codable {
    let control: Pattern.Control

    init(control: Pattern.Control) { self.control = control }

    init(from decoder: any Decoder) throws {
      var row = try decoder.unkeyedContainer()
      let at = try row.decode(Double.self)
      control = Pattern.Control(at: Beats(at), bytes: try row.decode([UInt8].self))
    }

    func encode(to encoder: any Encoder) throws {
      var row = encoder.unkeyedContainer()
      try row.encode(control.at.quarters)
      try row.encode(control.bytes)
    }
  }
}
