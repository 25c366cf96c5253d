// SPDX-License-Identifier: MIT
internal import ContinuoRealtime
internal import Foundation

/// A captured event or record as a log holds it.
struct LoggedEvent: Codable, Hashable, Sendable {
  var frame: UInt64
  /// `RealtimeEvent.Kind`.
  var kind: UInt8
  /// Input from 1; nil for records.
  var port: UInt8?
  /// The message; nil for records.
  var bytes: Data?
  var rolling: Bool
  /// Quarter notes from bar 1; nil where the song's place was unknown.
  var quarters: Double?
  var bar: Int32?
  var beat: Int16?
  var tick: Double?
  var value: Double?
  var extra: UInt64?

  init(_ captured: CapturedEvent) {
    let event = captured.event
    let isMIDI = event.kind == .midi
    frame = event.frame
    kind = event.kind.rawValue
    port = isMIDI ? event.port : nil
    bytes = isMIDI ? Data(captured.bytes) : nil
    rolling = event.rolling
    if event.hasPosition {
      quarters = event.quarters
      bar = event.bar
      beat = event.beat
      tick = event.tick
    }
    if !isMIDI {
      value = event.value
      extra = event.extra
    }
  }

  /// The event; nil for what no engine tells.
  var captured: CapturedEvent? {
    guard let kind = RealtimeEvent.Kind(rawValue: kind), frame < 1 << 62,
      LogBounds.isPlace(quarters ?? 0), (0...1e6).contains(tick ?? 0),
      [.located, .loopWrapped].contains(kind)
        ? LogBounds.isPlace(value ?? 0) : abs(value ?? 0) < 1e12
    else { return nil }
    let length = bytes?.count ?? 0
    guard kind == .midi ? length > 0 && (port ?? 0) > 0 : length == 0 else {
      return nil
    }
    var event = RealtimeEvent(kind: kind, frame: frame, value: value ?? 0, extra: extra ?? 0)
    event.port = port ?? 0
    event.length = UInt32(clamping: length)
    event.quarters = quarters ?? 0
    event.bar = bar ?? 0
    event.beat = beat ?? 0
    event.tick = tick ?? 0
    event.flags = (rolling ? 1 : 0) | (quarters == nil ? 0 : 2)
    return CapturedEvent(event: event, bytes: bytes.map { [UInt8]($0) } ?? [])
  }
}

/// A snapshot of the process thread's state as a log holds it.
struct LoggedPlace: Codable, Hashable, Sendable {
  var frame: UInt64
  var frames: UInt32
  var sampleRate: Double
  var beat: Int32
  var tick: Double
  var transportFrame: UInt32
  var transportRolling: Bool
  /// `SongSource`.
  var source: UInt8
  var activeSlot: Int32
  var isKnown: Bool
  var rolling: Bool
  var quarters: Double
  var bar: Int32
  var barStart: Double
  var barLength: Double
  var beatLength: Double
  var quartersPerMinute: Double
  var uncertaintyFrames: Double
  /// `SongLine`: frame, fraction, quarters there, frames a quarter.
  var lineFrame: Int64
  var lineFraction: Double
  var lineQuarters: Double
  var lineSlope: Double

  init(_ snapshot: RealtimeSnapshot) {
    let song = snapshot.song
    frame = snapshot.frame
    frames = snapshot.frames
    sampleRate = snapshot.sampleRate
    beat = snapshot.beat
    tick = snapshot.tick
    transportFrame = snapshot.transportFrame
    transportRolling = snapshot.transportRolling
    source = snapshot.source.rawValue
    activeSlot = snapshot.activeSlot
    isKnown = song.isKnown
    rolling = song.rolling
    quarters = song.quarters
    bar = song.bar
    barStart = song.barStart
    barLength = song.barLength
    beatLength = song.beatLength
    quartersPerMinute = song.quartersPerMinute
    // "Anywhere" has no finite figure, and JSON no other.
    uncertaintyFrames = song.uncertaintyFrames.isFinite ? min(song.uncertaintyFrames, 1e11) : 1e11
    lineFrame = song.line.baseFrame
    lineFraction = song.line.baseFraction
    lineQuarters = song.line.baseQuarters
    lineSlope = song.line.framesPerQuarter
  }

  /// The snapshot; nil for what no engine tells.
  var snapshot: RealtimeSnapshot? {
    guard frame < 1 << 62, abs(Double(lineFrame)) < 0x1p62, (0...1e7).contains(sampleRate),
      (0...1e6).contains(tick), LogBounds.isPlace(quarters), LogBounds.isPlace(barStart),
      LogBounds.isLength(barLength), LogBounds.isLength(beatLength),
      (0...1e5).contains(quartersPerMinute), uncertaintyFrames >= 0, uncertaintyFrames < 1e12,
      abs(lineFraction) < 1e12, LogBounds.isPlace(lineQuarters), lineSlope > 0, lineSlope < 1e12,
      let source = SongSource(rawValue: source)
    else { return nil }
    var snapshot = RealtimeSnapshot()
    snapshot.frame = frame
    snapshot.frames = frames
    snapshot.sampleRate = sampleRate
    snapshot.beat = beat
    snapshot.tick = tick
    snapshot.transportFrame = transportFrame
    snapshot.transportRolling = transportRolling
    snapshot.source = source
    snapshot.activeSlot = activeSlot
    snapshot.song.isKnown = isKnown
    snapshot.song.rolling = rolling
    snapshot.song.quarters = quarters
    snapshot.song.bar = bar
    snapshot.song.barStart = barStart
    snapshot.song.barLength = barLength
    snapshot.song.beatLength = beatLength
    snapshot.song.quartersPerMinute = quartersPerMinute
    snapshot.song.uncertaintyFrames = uncertaintyFrames
    snapshot.song.line = SongLine(
      baseFrame: lineFrame, baseFraction: lineFraction, baseQuarters: lineQuarters,
      framesPerQuarter: lineSlope)
    return snapshot
  }
}

/// What a log's figures may be: a log is a file, and files come from anywhere.
enum LogBounds {
  /// Whether `quarters` can be a place in a song: 140 hours at 120 BPM.
  static func isPlace(_ quarters: Double) -> Bool { abs(quarters) <= 1e6 }

  /// Whether `quarters` can be a bar's or a beat's length; 0 is one that is not known.
  static func isLength(_ quarters: Double) -> Bool {
    quarters == 0 || (0.0625...256).contains(quarters)
  }
}
