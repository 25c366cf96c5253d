// SPDX-License-Identifier: MIT
internal import ContinuoJack
internal import ContinuoMusic
internal import ContinuoRealtime
internal import Foundation

/// `continuo capture`: opens input ports, keeps all that arrives for a while, writes a file.
struct CaptureRunner {
  let job: CaptureJob
  let settings: Settings
  let progress: ProgressSink

  func run() async -> Reply {
    let store = TakeStore(limit: 20_000_000)
    let writer: TakeWriter?
    do {
      // The file is opened first: a folder that cannot be written must not cost a take.
      writer = try TakeWriter(path: job.linesPath)
    } catch {
      return .failed(.failed, "\(error)")
    }
    let host: RealtimeHost
    do {
      host = try RealtimeHost(
        JackClient.Configuration(server: settings.server, name: settings.name, inputs: job.inputs),
        notice: progress)
    } catch {
      writer?.abandon()
      return .failed(CommandFailure(error))
    }
    host.deliver { store.add($0) }
    progress("Capturing on \(settings.name):in_1…in_\(job.inputs)")
    let rate = host.snapshot().sampleRate
    let trouble = await collect(store, writer)
    host.close()
    return finish(
      store, writer, host.status, rate: max(rate, host.snapshot().sampleRate), trouble)
  }

  /// Waits for the time to pass or for Ctrl-C, and writes what arrives as it arrives.
  private func collect(_ store: TakeStore, _ writer: TakeWriter?) async -> String? {
    let deadline = ContinuousClock.now + .seconds(job.seconds)
    var trouble: String?
    var isRefused = false
    while ContinuousClock.now < deadline, !Task.isCancelled {
      let step = min(deadline, ContinuousClock.now + .milliseconds(100))
      // Cancelled: the loop ends and the take is written.
      try? await Task.sleep(until: step)
      let failure = append(store, writer)
      if let failure, !isRefused {
        progress("\(failure); the capture goes on in memory until the disk takes it")
      } else if failure == nil, isRefused {
        progress("The disk takes the capture again; nothing of it is missing")
      }
      isRefused = failure != nil
      trouble = failure ?? trouble
    }
    return trouble
  }

  /// Hands new events to the disk; why not, when it refuses.
  ///
  /// What it refused is tried again with what comes next.
  private func append(_ store: TakeStore, _ writer: TakeWriter?) -> String? {
    guard let writer else { return nil }
    do {
      for event in store.events(from: writer.eventCount) { try writer.append(event) }
      try writer.flush()
      return nil
    } catch {
      return "\(error)"
    }
  }

  private func finish(
    _ store: TakeStore, _ writer: TakeWriter?, _ status: HostStatus, rate: Double,
    _ earlier: String?
  ) -> Reply {
    let events = store.events(from: 0)
    let dropped = Int(status.counters["captureDropped"] ?? 0)
    let data: JSONValue = [
      "file": .string(job.output), "events": .int(events.count), "dropped": .int(dropped),
      "forgotten": .int(store.forgotten), "inputs": .int(job.inputs), "sampleRate": .number(rate),
      "serverRestarts": .int(status.serverRestarts), "xruns": .int(status.serverXruns),
      "connected": .bool(status.isConnected),
    ]
    var kept = writer?.partialPath
    do {
      if let failure = append(store, writer) { throw CommandFailure(.failed, failure) }
      try writer?.finish()
      kept = job.linesPath
      if !job.isLines {
        let take = Take(events: events, sampleRate: max(rate, 1))
        try TakeFile.write(take, to: job.output, ports: job.inputs)
        // The lines were there in case the program was killed; the file holds it all now, unless
        // memory had to let go of the oldest.
        if store.forgotten == 0 { try? FileManager.default.removeItem(atPath: job.linesPath) }
      }
    } catch {
      var message = "\(error)"
      if let kept, !message.contains(kept) { message += "; what was captured is in \(kept)" }
      let missing = writer.map { store.count - $0.eventCount + $0.pendingEventCount } ?? 0
      if missing > 0 { message += ", all but the last \(missing) events" }
      return .failed(CommandFailure(.failed, message), data: data)
    }
    var lines = ["Captured \(events.count) events to \(job.output)"]
    if store.forgotten > 0, !job.isLines {
      lines.append(
        "The first \(store.forgotten) events did not fit in memory: all are in \(job.linesPath)")
    }
    if dropped > 0 {
      lines.append("\(dropped) events were dropped since the capture ring was full")
    }
    if status.serverRestarts > 0 {
      lines.append("The JACK server went and came back \(status.serverRestarts) times meanwhile")
    }
    if !status.isConnected {
      lines.append("The JACK server was gone at the end: what was played since is not here")
    }
    if let earlier { lines.append("For a while the disk refused: \(earlier)") }
    return .done(lines, data: data)
  }
}

extension CaptureJob {
  /// Whether the file is JSON lines rather than a Standard MIDI File.
  fileprivate var isLines: Bool { output.lowercased().hasSuffix(".jsonl") }

  /// Where the lines go while they arrive.
  fileprivate var linesPath: String { isLines ? output : output + ".jsonl" }
}

extension CommandFailure {
  /// A JACK failure with the exit status it calls for.
  init(_ error: JackError) {
    switch error {
    case .noServer, .closed: self.init(.noJack, "\(error)")
    case .badName: self.init(.usage, "\(error)")
    default: self.init(.failed, "\(error)")
    }
  }
}
