// SPDX-License-Identifier: MIT
@testable import ContinuoArdour
import ContinuoMusic
import ContinuoTestSupport
import Foundation
import Testing

struct SessionFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("session") }

  func session(_ inside: String, attributes: String = "name=\"s\" sample-rate=\"48000\"") throws
    -> SessionFile
  {
    let path = try folder.write("<Session \(attributes)>\(inside)</Session>", to: "s.ardour")
    return try SessionFile(URL(fileURLWithPath: path))
  }

  static let tempo = """
    <TempoMap superclocks-per-second="282240000"><Tempos>
    <Tempo npm="120" enpm="120" note-type="4" type="Tempo::Constant" sclock="0" quarters="0:0"/>
    <Tempo npm="60" enpm="60" note-type="8" sclock="1" quarters="7:0"/>
    </Tempos><Meters>
    <Meter note-value="8" divisions-per-bar="7" sclock="0" quarters="0:0"/>
    <Meter note-value="4" divisions-per-bar="3" sclock="0" quarters="7:0"/>
    </Meters></TempoMap>
    """

  static func track(_ regions: String, file: String = "a.mid") -> String {
    """
    <Config><Option name="external-sync" value="1"/><Option name="record-mode" value="RecLayered"/>
    </Config>
    <Sources><Source name="\(file)" type="midi" id="5"/><Source name="x.wav" type="audio" id="6"/>
    </Sources><Routes>
    <Route id="1" name="Bass" midi-playlist="9" alignment-choice="UseCaptureTime"/>
    <Route id="2" name="Master"/></Routes>
    <Playlists><Playlist id="8" name="Bass"><Region id="0" start="b0" length="b1920@b0"/></Playlist>
    <Playlist id="9" name="Bass.1">\(regions)</Playlist></Playlists>
    """ + tempo
  }

  func writeMIDI(_ events: [StandardMIDIFile.Event], ppq: Int = 19_200) throws {
    let file = StandardMIDIFile(
      format: .single, division: .ticksPerQuarter(ppq), tracks: [events])
    let midi = folder.url.appendingPathComponent("interchange/s/midifiles")
    try FileManager.default.createDirectory(at: midi, withIntermediateDirectories: true)
    try Data(file.bytes()).write(to: midi.appendingPathComponent("a.mid"))
  }

  func message(_ bytes: UInt8...) throws -> StandardMIDIFile.Payload {
    .channel(try #require(ChannelMessage(bytes[0], bytes[1], bytes[2])))
  }

  @Test func `tempo, metre, rate and options are read`() throws {
    let session = try session(Self.track(""))
    #expect(session.sampleRate == 48_000)
    #expect(session.tempos.map(\.tempo.quartersPerMinute) == [120, 30])
    #expect(session.tempos.map(\.at) == [.zero, Beats(7)])
    #expect(session.meters.map(\.meter) == [Meter(7, 8), Meter(3, 4)])
    #expect(session.songMap.barStart(3) == Beats(7))
    #expect(session.frame(at: Beats(8)) == 48_000 * 7 / 2 + 96_000)
    #expect(session.followsExternalClock && !session.recordsNonLayered && !session.hasRamps)
    #expect(session.route(named: "Bass")?.alignment == .captureTime)
    #expect(session.age() < 60)
  }

  @Test func `regions stand where Ardour says, in beats or on the audio clock`() throws {
    let second = 282_240_000
    let session = try session(
      Self.track(
        """
        <Region id="20" name="late" start="b960" length="b3840@b1920" source-0="5" muted="1"/>
        <Region id="21" name="sec" start="a0" length="a\(second)@a\(second)" source-0="5"/>
        <Region id="22" name="mix" start="b0" length="a\(second)@b13440" source-0="5"/>
        <Region id="23" name="bad" start="b0" length="b1"/>
        <Region id="24" name="huge" start="b0" length="b99999999999999999999@b0"/>
        """))
    let regions = session.regions(onTrack: "Bass")
    #expect(regions.map(\.id) == ["20", "21", "22"])
    #expect(regions.map(\.position) == [Beats(1), Beats(2), Beats(7)])
    #expect(regions.map(\.length) == [Beats(2), Beats(2), Beats(0.5)])
    #expect(regions.map(\.isMuted) == [true, false, false])
    #expect(session.regions(onTrack: "Master") == [])
  }

  @Test func `notes come in song time, cut at their region's edges`() throws {
    try writeMIDI([
      .init(tick: 0, try message(0x90, 60, 1)), .init(tick: 9600, try message(0x80, 60, 9)),
      .init(tick: 19_200, try message(0x91, 61, 100)),
      .init(tick: 28_800, try message(0x91, 61, 0)),
      .init(tick: 38_400, try message(0x90, 62, 127)),
      .init(tick: 76_800, try message(0x80, 62, 64)),
      .init(tick: 80_000, try message(0x90, 63, 127)),
    ])
    let session = try session(
      Self.track(
        """
        <Region id="20" name="r" start="b960" length="b3840@b7680" source-0="5"/>
        <Region id="21" name="m" start="b0" length="b3840@b0" source-0="5" muted="1"/>
        """))
    let notes = try session.notes(onTrack: "Bass").map(\.note)
    #expect(notes.map(\.pitch) == [61, 62])
    #expect(notes.map(\.channel) == [1, 0])
    #expect(notes.map(\.velocity) == [100, 127])
    #expect(notes.map(\.start) == [Beats(4.5), Beats(5.5)])
    #expect(notes.map(\.duration) == [Beats(0.5), Beats(0.5)])
    let muted = try #require(session.regions(onTrack: "Bass").first)
    #expect(try session.notes(of: muted).map(\.note.pitch) == [60, 61])
  }

  @Test(arguments: ["../a.mid", "/etc/passwd", "..", ""])
  func `a source outside the session's folder is refused`(file: String) throws {
    let session = try session(
      Self.track(
        "<Region id=\"1\" start=\"b0\" length=\"b1920@b0\" source-0=\"5\"/>", file: file))
    #expect(throws: ArdourError.self) { try session.notes(onTrack: "Bass") }
  }

  @Test func `a missing or damaged MIDI file is named`() throws {
    let region = "<Region id=\"1\" start=\"b0\" length=\"b1920@b0\" source-0=\"5\"/>"
    let session = try session(Self.track(region))
    #expect { try session.notes(onTrack: "Bass") } throws: { "\($0)".contains("a.mid") }
    let midi = folder.url.appendingPathComponent("interchange/s/midifiles")
    try FileManager.default.createDirectory(at: midi, withIntermediateDirectories: true)
    try Data([1, 2, 3]).write(to: midi.appendingPathComponent("a.mid"))
    #expect { try session.notes(onTrack: "Bass") } throws: { "\($0)".contains("a.mid") }
  }

  @Test(arguments: [
    "", "no XML", "<Session name=\"s\"/>", "<Session sample-rate=\"48000\">",
    "<Other sample-rate=\"48000\"/>", "<Session sample-rate=\"-1\"/>",
    "<!DOCTYPE a [<!ENTITY b \"c\">]><Session sample-rate=\"48000\">&b;</Session>",
    "<Session sample-rate=\"48000\">" + String(repeating: "<a>", count: 100_000),
  ])
  func `what is no session is refused with its path`(text: String) throws {
    let url = URL(fileURLWithPath: try folder.write(text, to: "bad.ardour"))
    #expect { try SessionFile(url) } throws: { "\($0)".contains("bad.ardour") }
  }

  @Test func `random changes to a session never stop the reader`() throws {
    let text = "<Session name=\"s\" sample-rate=\"48000\">\(Self.track(""))</Session>"
    var bytes = Array(text.utf8)
    var random = SeededGenerator(seed: 11)
    for round in 0..<3000 {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      let old = bytes[place]
      bytes[place] = UInt8.random(in: 0...(round % 8 == 0 ? 255 : 127), using: &random)
      let url = folder.url.appendingPathComponent("random.ardour")
      try Data(bytes).write(to: url)
      _ = try? SessionFile(url).regions(onTrack: "Bass")
      if Bool.random(using: &random) { bytes[place] = old }
    }
  }

  @Test func `a session is found by argument and by Ardour's recent list, newest first`() throws {
    let home = folder.url.appendingPathComponent("home")
    let recent = home.appendingPathComponent(".config/ardour7")
    try FileManager.default.createDirectory(at: recent, withIntermediateDirectories: true)
    for name in ["one", "two"] {
      let place = folder.url.appendingPathComponent(name)
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      try Data().write(to: place.appendingPathComponent("song.ardour"))
    }
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -1000)],
      ofItemAtPath: folder.file("one/song.ardour"))
    let list = "song\n\(folder.file("one"))\nsong\n\(folder.file("two"))\nsong\n/nowhere\nodd"
    try Data(list.utf8).write(to: recent.appendingPathComponent("recent"))
    let locator = SessionLocator(home: home, processes: folder.url)
    let found = try locator.locate(name: "song", port: 3819)
    #expect(found.source == .recent)
    #expect(found.url.path == folder.file("two/song.ardour"))
    let configured = try locator.locate(
      name: "song", port: 3819, configured: folder.file("one"))
    #expect(configured.source == .configured)
    #expect(configured.url.path == folder.file("one/song.ardour"))
    #expect { try locator.locate(name: "other", port: 3819) } throws: { "\($0)".contains("recent") }
    #expect(throws: ArdourError.self) {
      try locator.locate(name: "song", port: 3819, configured: "/nowhere")
    }
    #expect(throws: ArdourError.self) { try locator.locate(name: "../one/song", port: 3819) }
  }
}
