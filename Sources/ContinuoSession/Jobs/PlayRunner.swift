// SPDX-License-Identifier: MIT
internal import ContinuoJack
internal import ContinuoMusic
internal import ContinuoRealtime
internal import Foundation

/// A Standard MIDI File made ready to play.
struct PlayableFile {
  let pattern: Pattern
  let map: SongMap
  let repairs: [Repair]

  /// Reads `path`.
  init(path: String) throws(CommandFailure) {
    let bytes = try InputFile.read(path)
    do {
      let read = try PatternFile(reading: StandardMIDIFile(bytes))
      pattern = read.pattern
      repairs = read.repairs
      map = SongMap(read.file)
    } catch {
      throw CommandFailure(.failed, "\(path): \(error)")
    }
  }

  /// The program for `request`: in the song's beats, or, free of the transport, in seconds × 1
  /// quarter, so that every tempo change in the file keeps its time.
  func program(free: Bool, identity: UInt64) throws(CommandFailure) -> PatternProgram {
    do {
      guard free else { return try PatternProgram(pattern, identity: identity) }
      return try PatternProgram(pattern, identity: identity) { Beats(map.seconds(at: $0)) }
    } catch {
      throw CommandFailure(.failed, "\(error)")
    }
  }

  /// The last place at which something sounds, in the program's quarters.
  func end(free: Bool) -> Double {
    let last = pattern.notes.map(\.end).max() ?? .zero
    let end = max(last, pattern.controls.map(\.at).max() ?? .zero)
    return free ? map.seconds(at: end) : end.quarters
  }
}

/// Reading files a musician names.
enum InputFile {
  /// No Standard MIDI File worth reading is larger.
  static let maximumBytes = 256 << 20

  /// All bytes of the file at `path`.
  static func read(_ path: String) throws(CommandFailure) -> [UInt8] {
    let url = URL(fileURLWithPath: path)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw CommandFailure(.failed, "There is no file \(path)")
    }
    guard !isFolder.boolValue else {
      throw CommandFailure(.failed, "\(path) is a folder, not a file")
    }
    do {
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      guard size <= maximumBytes else {
        throw CommandFailure(.failed, "\(path) has \(size) bytes; \(maximumBytes) is the most")
      }
      return [UInt8](try Data(contentsOf: url))
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw CommandFailure(.failed, "\(path) cannot be read: \(error.localizedDescription)")
    }
  }
}

/// `continuo play`: plays a file along with the transport, or free of it, until it ends.
struct PlayRunner {
  let request: PlayRequest
  let settings: Settings
  let progress: ProgressSink

  func run() async -> Reply {
    let file: PlayableFile
    do {
      file = try PlayableFile(path: request.file)
    } catch {
      return .failed(error)
    }
    let host: RealtimeHost
    do {
      host = try RealtimeHost(
        JackClient.Configuration(server: settings.server, name: settings.name, inputs: 1),
        notice: progress)
    } catch {
      return .failed(CommandFailure(error))
    }
    defer { host.close() }
    host.deliver { _ in }
    do {
      let player = FilePlayer(file: file, request: request)
      try player.start(on: host, slot: 0)
      progress(player.announcement)
      let played = await player.awaitEnd(host)
      let counters = host.status.counters
      let lines =
        [played ? "Played \(request.file) to its end" : "Stopped"]
        + [
          ("playLost", "events were lost: the port had no room"), ("playLate", "events came late"),
        ]
        .compactMap { name, what in
          counters[name].flatMap { $0 > 0 ? "\($0) \(what)" : nil }
        }
      return .done(
        lines,
        data: [
          "file": .string(request.file), "notes": .int(file.pattern.notes.count),
          "ended": .bool(played), "late": .int(Int(counters["playLate"] ?? 0)),
          "lost": .int(Int(counters["playLost"] ?? 0)),
          "repairs": .array(file.repairs.map { .string("\($0)") }),
        ])
    } catch {
      return .failed(error)
    }
  }
}

/// Starts a file on a host and knows when it is over; the prompt and `continuo play` share it.
struct FilePlayer {
  let file: PlayableFile
  let request: PlayRequest

  /// What is about to happen, for a person.
  var announcement: String {
    let notes = "\(file.pattern.notes.count) notes, \(file.pattern.bars) bars"
    return request.free
      ? "Playing \(request.file) (\(notes))"
      : "Playing \(request.file) (\(notes)) with the transport, from bar \(request.atBar ?? 1)"
  }

  /// Where in the song the file begins, in quarters.
  private var anchor: Double {
    request.free ? 0 : file.map.barStart(request.atBar ?? 1).quarters
  }

  /// Loads and starts.
  func start(on host: any SessionHost, slot: Int) throws(CommandFailure) {
    let program = try file.program(free: request.free, identity: host.makeIdentity())
    var commands: [RealtimeCommand] = []
    if request.free {
      // A quarter is a second here: places were turned into seconds with all tempo changes.
      commands.append(.runFree(start: 0, quartersPerMinute: 60, beatsPerBar: 4, beatUnit: 4))
    }
    commands.append(.start(slot: slot, at: .now, anchor: anchor, loops: request.loop))
    guard host.load(program, into: slot), commands.allSatisfy({ host.send($0) }) else {
      throw CommandFailure(.noJack, "\(JackError.closed)")
    }
  }

  /// Waits for the end; false when cancelled first.
  ///
  /// A loop has none.
  func awaitEnd(_ host: any SessionHost) async -> Bool {
    let end = anchor + file.end(free: request.free)
    while !Task.isCancelled {
      let snapshot = host.snapshot()
      if !request.loop, snapshot.song.isKnown, snapshot.song.rolling,
        snapshot.song.quarters > end + 0.25
      {
        return true
      }
      // Cancelled: the loop ends.
      try? await Task.sleep(for: .milliseconds(20))
    }
    return false
  }
}
