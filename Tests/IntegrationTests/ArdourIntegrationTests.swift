// SPDX-License-Identifier: MIT
import ContinuoArdour
import ContinuoMusic
import ContinuoTestSupport
import Foundation
import Testing

/// Against the real Ardour 7.3 without its window. One at a time: all share the OSC ports.
@Suite(.serialized) struct ArdourIntegrationTests {
  static let tracks = [
    ArdourSession.Track("Drums"), ArdourSession.Track("Bass", notes: scale(36)),
    ArdourSession.Track("Keys"),
  ]

  @Test(.timeLimit(.minutes(3)))
  func `Ardour is found, listed, commanded and seen to go and come back`() async throws {
    let session = try await ArdourSession.make(Self.tracks, audioTracks: ["Voice"])
    try await withArdour(session) { ardour, server in
      print("MEASURED starts: \(ardour.starts)")
      #expect(try await ArdourFinder.find().contains(ardour.port))
      let client = try await ArdourClient.connect(port: ardour.port)
      let state = await client.state
      #expect(state.sessionName == "demo")
      #expect(state.sampleRate == 48_000)
      #expect(
        Dictionary(uniqueKeysWithValues: state.strips.map { ($0.name, $0.kind) }) == [
          "Drums": .midiTrack, "Bass": .midiTrack, "Keys": .midiTrack, "Voice": .audioTrack,
          "Master": .master,
        ])
      #expect(state.isRolling == false)

      #expect(try await client.setArmed(true, track: "Bass").isArmed)
      #expect(await client.state.strip(named: "Bass")?.isArmed == true)
      try await client.setGlobalRecord(true)
      #expect(try await client.recordsGlobally())
      try await client.setGlobalRecord(true)
      #expect(try await client.recordsGlobally())
      try await client.setGlobalRecord(false)
      #expect(try await client.setArmed(false, track: "bass").isArmed == false)

      #expect(try await client.locate(to: 96_000) == 96_000)
      try await client.play()
      try await eventually("the playhead to move") { try await client.frame() > 100_000 }
      try await eventually("the feed of places") { await client.state.frame ?? 0 > 100_000 }
      #expect(await client.state.isRolling == true)
      try await client.stop()
      #expect(await client.state.isRolling == false)
      try await client.locate(to: 0)
      #expect(try await client.frame() == 0)

      let asked = Date()
      try await client.save()
      let found = try SessionLocator(home: session.home).locate(name: "demo", port: ardour.port)
      #expect(found.source == .process)
      #expect(found.url.resolvingSymlinksInPath() == session.file.resolvingSymlinksInPath())
      let saved = try SessionFile(found.url)
      #expect(saved.savedAt > asked - 2)
      #expect(saved.followsExternalClock)
      #expect(abs((saved.tempos.first?.tempo.quartersPerMinute ?? 0) - 104) < 1e-5)
      let notes = try saved.notes(onTrack: "Bass").map(\.note)
      #expect(notes.map { Int($0.pitch) } == (0..<16).map { 36 + $0 % 5 })
      #expect(notes.map(\.start) == (0..<16).map { Beats(Double($0)) })
      #expect(notes.allSatisfy { $0.duration == Beats(0.75) })

      await #expect(throws: ArdourError.noSuchTrack(name: "Bas", near: ["Bass"])) {
        try await client.setArmed(true, track: "Bas")
      }
      await #expect(throws: ArdourError.noMIDITrack(name: "Voice", kind: .audioTrack)) {
        try await client.setArmed(true, track: "Voice")
      }

      var times: [Double] = []
      for _ in 0..<200 {
        let start = ContinuousClock.now
        _ = try await client.speed()
        times.append(Double((ContinuousClock.now - start) / .microseconds(1)))
      }
      times.sort()
      print("MEASURED speed RTT us: p50 \(times[100]) p99 \(times[197]) max \(times[199])")

      try await ardour.crash()
      try await eventually("Ardour to count as gone", within: .seconds(2)) {
        await client.state.presence == .gone
      }
      await #expect(throws: ArdourError.gone(port: ardour.port)) { try await client.play() }
      let again = try await HeadlessArdour.start(session, on: server)
      if again.port == ardour.port {
        try await eventually("Ardour to count as present") {
          await client.state.presence == .present
        }
        try await eventually("its strips") { await client.state.strips.count == 5 }
        try await client.play()
        try await client.stop()
      } else {
        Issue.record("Ardour came back on port \(again.port), not \(ardour.port)")
      }
      await client.close()
      try await again.stop()
    }
  }
}

/// Sixteen quarters of three quarters' length upwards from `pitch`, in five steps.
func scale(_ pitch: Int) -> [UInt8] {
  quarters { (UInt8(pitch + $0 % 5), UInt8(80 + $0)) }
}

/// Sixteen quarters of three quarters' length, all of one pitch and loudness.
func steady(_ pitch: Int) -> [UInt8] {
  quarters { _ in (UInt8(pitch), 90) }
}

private func quarters(_ note: (Int) -> (key: UInt8, velocity: UInt8)) -> [UInt8] {
  var events: [StandardMIDIFile.Event] = []
  for index in 0..<16 {
    let (key, velocity) = note(index)
    if let on = ChannelMessage(0x90, key, velocity), let off = ChannelMessage(0x80, key, 64) {
      events.append(.init(tick: index * 480, .channel(on)))
      events.append(.init(tick: index * 480 + 360, .channel(off)))
    }
  }
  let file = StandardMIDIFile(
    format: .single, division: .ticksPerQuarter(480), tracks: [events])
  return (try? file.bytes()) ?? []
}
