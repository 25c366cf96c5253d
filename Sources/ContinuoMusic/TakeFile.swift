// SPDX-License-Identifier: MIT

/// Takes as files: JSON lines, which say everything, and Standard MIDI Files, which everyone reads.
public enum TakeFile {
  /// The most input ports a take may have.
  public static let maximumPort = 1024

  /// Writes `take` to `path`, whole or not at all: JSON lines for `.jsonl`, format 1 for `.mid`.
  ///
  /// Throws `MusicError.take` for any other ending and for what a file cannot hold,
  /// `MusicError.disk` when the system refuses. `ports` is the number of MIDI tracks, when more than
  /// the ports with events.
  public static func write(
    _ take: Take, to path: String, ports: Int = 1
  ) throws(MusicError) {
    let name = path.lowercased()
    if name.hasSuffix(".jsonl") {
      let writer = try TakeWriter(path: path)
      for event in take.events { try writer.append(event) }
      try writer.finish()
    } else if name.hasSuffix(".mid") {
      try AtomicFile.write(try midiFile(take, ports: ports).bytes(), to: path)
    } else {
      throw .take(reason: "\(printable(path, limit: 200)) ends in neither .jsonl nor .mid")
    }
  }

  /// `take` as a file of format 1, one track for each port from 1.
  ///
  /// When every event knows its place in the song and the places never go backwards, time is the
  /// song's, 1920 ticks a quarter from bar 1, at the tempo measured between the first and last
  /// event. Otherwise time is the sample clock's from the first event, at 120 BPM and as many ticks a
  /// quarter as make a tick a whole number of frames, if the rate allows; an event whose frame went
  /// back (a restarted server) stands with the one before. A text event says which.
  /// Throws `MusicError.take` for a port outside 1...1024, a sample rate outside 1...10⁹, or a take
  /// longer than `StandardMIDIFile.maximumTick`.
  public static func midiFile(_ take: Take, ports: Int = 1) throws(MusicError) -> StandardMIDIFile {
    guard take.sampleRate >= 1, take.sampleRate <= 1e9 else {
      throw .take(reason: "\(take.sampleRate) frames a second is no sample rate")
    }
    var highest = ports
    for (index, event) in take.events.enumerated() {
      guard (1...maximumPort).contains(event.port) else {
        throw .take(
          reason: "event \(index + 1) came by port \(event.port), not 1 to \(maximumPort)")
      }
      highest = max(highest, event.port)
    }
    guard (1...maximumPort).contains(highest) else {
      throw .take(reason: "\(ports) ports are not 1 to \(maximumPort)")
    }
    let time = songTime(take) ?? frameTime(take)
    var tracks = (1...highest).map { TakeTrack(port: $0) }
    tracks[0].head(time.tempo, time.remark)
    var last = 0
    for (index, event) in take.events.enumerated() {
      guard let tick = time.tick(event), tick <= StandardMIDIFile.maximumTick else {
        throw .take(reason: "event \(index + 1) is too far from the first one")
      }
      last = max(last, tick)
      tracks[event.port - 1].add(event.bytes, at: last)
    }
    return StandardMIDIFile(
      format: .parallel, division: .ticksPerQuarter(time.ticksPerQuarter),
      tracks: tracks.map { $0.finished() })
  }

  /// How a take's events come to their ticks.
  private struct Time {
    let ticksPerQuarter: Int
    let tempo: Tempo
    let remark: String
    let tick: (Take.Event) -> Int?
  }

  private static func songTime(_ take: Take) -> Time? {
    guard let first = take.events.first, let from = first.position, let last = take.events.last,
      let to = last.position
    else { return nil }
    var place = Beats.zero
    for event in take.events {
      guard let next = event.position?.quarters, next.quarters.isFinite, next >= place else {
        return nil
      }
      place = next
    }
    let ppq = 1920
    guard place.ticks(ppq: ppq) <= StandardMIDIFile.maximumTick else { return nil }
    let seconds = (Double(last.frame) - Double(first.frame)) / take.sampleRate
    let measured = Tempo((to.quarters - from.quarters).quarters * 60 / seconds)
    let remark =
      measured == nil
      ? "Time: song position in quarters; tempo not known, 120 BPM stands in"
      : "Time: song position in quarters; tempo as measured from first to last event"
    return Time(ticksPerQuarter: ppq, tempo: measured ?? .standard, remark: remark) { event in
      event.position?.quarters.ticks(ppq: ppq)
    }
  }

  private static func frameTime(_ take: Take) -> Time {
    let start = take.events.first?.frame ?? 0
    // At 120 BPM a quarter is half a second: half the rate in ticks makes a tick one frame.
    var exact = take.sampleRate / 2
    while exact > 32767 { exact /= 2 }
    let ppq = max(1, clampedInt(exact.rounded()))
    let ticksPerFrame = Double(ppq) * 2 / take.sampleRate
    let remark =
      "Time: frames from frame \(start) at \(decimal(take.sampleRate)) frames a second, "
      + "written at 120 BPM"
    return Time(ticksPerQuarter: ppq, tempo: .standard, remark: remark) { event in
      guard event.frame >= start else { return 0 }
      return Int(exactly: (Double(event.frame - start) * ticksPerFrame).rounded())
    }
  }
}
