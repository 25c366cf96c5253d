// SPDX-License-Identifier: MIT

import Testing

@testable import ContinuoMusic

@Suite struct MIDIMessageTests {
  @Test(arguments: [
    ("81 3C 40", MIDIMessage.Kind.noteOff(channel: 1, key: 60, velocity: 64)),
    ("90 3C 64", .noteOn(channel: 0, key: 60, velocity: 100)),
    ("A2 3C 01", .polyPressure(channel: 2, key: 60, pressure: 1)),
    ("BF 40 7F", .controller(channel: 15, number: 64, value: 127)),
    ("C3 05", .program(channel: 3, number: 5)),
    ("D4 7F", .channelPressure(channel: 4, pressure: 127)),
    ("E0 00 40", .pitchBend(channel: 0, value: 0)),
    ("E0 00 00", .pitchBend(channel: 0, value: -8192)),
    ("E0 7F 7F", .pitchBend(channel: 0, value: 8191)),
    ("F0 7E 09 F7", .sysEx([0xF0, 0x7E, 0x09, 0xF7])), ("F0 F7", .sysEx([0xF0, 0xF7])),
    ("F1 23", .timeCode(0x23)), ("F2 01 02", .songPosition(sixteenths: 257)),
    ("F3 07", .songSelect(7)), ("F6", .tuneRequest), ("F8", .realtime(.clock)),
    ("FA", .realtime(.start)), ("FB", .realtime(.continue)), ("FC", .realtime(.stop)),
    ("FE", .realtime(.activeSensing)), ("FF", .realtime(.reset)),
  ]) func `every kind of message is told and gives its bytes back`(
    text: String, kind: MIDIMessage.Kind
  ) throws {
    let message = try MIDIMessage(bytes(text))
    #expect(message.kind == kind)
    #expect(message.bytes == bytes(text))
  }

  @Test(arguments: [
    ("", 0), ("3C 64", 0), ("90", 1), ("90 3C", 2), ("90 80 00", 1), ("90 3C 80", 2),
    ("90 3C 40 40", 3), ("C0", 1), ("C0 01 02", 2), ("F4", 0), ("F5", 0), ("F9", 0), ("FD", 0),
    ("F7", 0), ("F8 00", 1), ("F0 01", 2), ("F0 01 80 F7", 2), ("F0 01 F7 00", 3), ("F2 01", 2),
  ]) func `a message that is not one names the byte`(text: String, at: Int) {
    let error = #expect(throws: MusicError.self) { try MIDIMessage(bytes(text)) }
    guard case .message(let place, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(place == at)
  }

  @Test func `any three bytes either are a message with those bytes or are refused`() {
    var accepted = 0
    for status in UInt8.min...255 {
      for data in [[], [0], [127], [128], [1, 2], [1, 128], [1, 2, 3]] as [[UInt8]] {
        guard let message = try? MIDIMessage([status] + data) else { continue }
        accepted += 1
        #expect(message.bytes == [status] + data)
      }
    }
    // 80 with two bytes, 32 with one (twice), F1 F3 with one, F2 with two, seven alone.
    #expect(accepted == 80 + 32 * 2 + 2 * 2 + 1 + 7)
  }

  @Test func `a note-on at velocity nought ends a note`() throws {
    #expect(try MIDIMessage([0x90, 60, 0] as [UInt8]).endsNote)
    #expect(try !MIDIMessage([0x90, 60, 0] as [UInt8]).startsNote)
    #expect(try MIDIMessage([0x80, 60, 9] as [UInt8]).endsNote)
    #expect(try MIDIMessage([0x93, 60, 1] as [UInt8]).startsNote)
    #expect(try MIDIMessage([0x93, 60, 1] as [UInt8]).channel == 3)
    #expect(try MIDIMessage([0xF8] as [UInt8]).channel == nil)
  }

  @Test func `every key's name reads back`() throws {
    for key in UInt8(0)...127 {
      #expect(try PitchName.key(PitchName.name(of: key)) == key)
      #expect(try PitchName.key(PitchName.name(of: key, flats: true)) == key)
    }
    #expect(PitchName.name(of: 60) == "C4")
    #expect(PitchName.name(of: 0) == "C-1")
    #expect(PitchName.name(of: 127) == "G9")
    #expect(PitchName.name(of: 42) == "F#2")
    #expect(PitchName.name(ofClass: -2, flats: true) == "Bb")
  }

  @Test(arguments: [
    ("F#2", 42), ("Bb1", 34), ("bb1", 34), ("Cb4", 59), ("B#3", 60), ("E♭3", 51), ("Fx2", 43),
    ("Abb2", 43), ("C-1", 0),
  ]) func `pitch names are read as musicians write them`(name: String, key: Int) throws {
    #expect(Int(try PitchName.key(name)) == key)
  }

  @Test(arguments: [
    "", "H3", "C", "C10", "G#9", "Cb-1", "C+4", "C04", "C###4", "C 4", "4", "Cb9999",
  ])
  func `what names no pitch is refused`(name: String) {
    #expect(throws: MusicError.pitchName(name)) { try PitchName.key(name) }
  }

  @Test func `an error message cannot steer the terminal`() {
    #expect(!MusicError.pitchName("\u{1B}[31mX").description.contains("\u{1B}"))
  }
}
