// SPDX-License-Identifier: MIT
internal import ContinuoArdour
internal import ContinuoComposer
internal import ContinuoLLM
internal import ContinuoJack
internal import ContinuoMemory
internal import ContinuoRealtime
internal import Foundation

/// One thing `doctor` looked at.
struct Finding: Sendable, Codable, Equatable {
  /// How it is.
  enum Verdict: String, Sendable, Codable { case good, doubtful, bad }

  /// What was looked at.
  let check: String
  let verdict: Verdict
  /// What was found.
  let found: String
  /// How to mend it; nil when there is nothing to mend.
  let mend: String?
}

/// `continuo doctor`: looks at everything Continuo depends on and says how to mend what is wrong.
///
/// It opens a JACK client of its own for a moment and asks Ardour two questions; nothing is changed.
struct Doctor {
  let settings: Settings

  func run() async -> Reply {
    var findings = [Self.realtime(), Self.lockedMemory(), Self.jackLibrary()]
    let jack = await lookAtJack()
    findings += jack.findings
    let ardour = await lookAtArdour()
    findings += ardour
    findings += await lookAtSongSources()
    findings.append(model())
    findings += await modelServer()
    findings += [disk(), memory()]
    let width = findings.map(\.check.count).max() ?? 0
    let lines = findings.flatMap { finding in
      let mark =
        switch finding.verdict {
        case .good: "ok "
        case .doubtful: "?? "
        case .bad: "NO "
        }
      return ["\(mark) \(finding.check.padding(to: width))  \(finding.found)"]
        + (finding.mend.map { ["    \(String().padding(to: width))  → \($0)"] } ?? [])
    }
    // A finding is three plain texts: encoding it cannot fail.
    let data: JSONValue = ["checks": (try? JSONValue(encoding: findings)) ?? .null]
    if !jack.isThere {
      return .failed(
        CommandFailure(.noJack, jack.findings.first?.found ?? ""), lines: lines, data: data)
    }
    if ardour.contains(where: { $0.verdict == .bad }) {
      return .failed(
        CommandFailure(.noArdour, ardour.first?.found ?? ""), lines: lines, data: data)
    }
    return .done(lines, data: data)
  }

  private static func realtime() -> Finding {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(__RLIMIT_RTPRIO.rawValue), &limit)
    let most = limit.rlim_cur
    let isRoot = geteuid() == 0
    guard !isRoot, most < 20 else {
      return Finding(
        check: "real-time scheduling", verdict: .good,
        found: isRoot ? "allowed (root)" : "allowed up to priority \(most)", mend: nil)
    }
    return Finding(
      check: "real-time scheduling", verdict: .doubtful, found: "not allowed for this user",
      mend:
        "sudo dpkg-reconfigure -p high jackd2, answer yes, sudo adduser $USER audio, log in anew")
  }

  private static func lockedMemory() -> Finding {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &limit)
    let needed: UInt64 = 32 << 20
    let found =
      limit.rlim_cur == rlim_t.max ? "without limit" : "\(limit.rlim_cur >> 20) MiB may be locked"
    return Finding(
      check: "locked memory", verdict: limit.rlim_cur >= needed ? .good : .doubtful, found: found,
      mend: limit.rlim_cur >= needed
        ? nil : "add “@audio - memlock unlimited” to /etc/security/limits.d/audio.conf, log in anew"
    )
  }

  private func lookAtJack() async -> (findings: [Finding], isThere: Bool) {
    let host: RealtimeHost
    do {
      host = try RealtimeHost(
        JackClient.Configuration(
          server: settings.server, name: "continuo-doctor-\(getpid())", inputs: 1),
        notice: { _ in })
    } catch {
      let finding = Finding(
        check: "JACK", verdict: .bad, found: "\(error)",
        mend: "start a JACK server, or PipeWire with its JACK support")
      return ([finding], false)
    }
    defer { host.close() }
    _ = await host.wait(seconds: 1) { $0.frames > 0 }
    let snapshot = host.snapshot()
    guard let server = host.status.server, snapshot.frames > 0 else {
      let finding = Finding(
        check: "JACK", verdict: .bad, found: "the server does not run its clients",
        mend: "look at the server's own messages; restart it")
      return ([finding], false)
    }
    let jack = Finding(
      check: "JACK", verdict: server.isRealtime ? .good : .doubtful,
      found: "\(server.sampleRate) Hz, \(server.bufferSize) frames"
        + (server.isRealtime ? "" : ", without real-time scheduling"),
      mend: server.isRealtime
        ? nil : "start the server with -R once real-time scheduling is allowed")
    let midi = host.withClient { $0.midiPorts(.outputs).count } ?? 0
    let ports = Finding(
      check: "MIDI ports", verdict: midi > 1 ? .good : .doubtful,
      found: midi > 1 ? "\(midi - 1) to listen to" : "none but our own",
      mend: midi > 1 ? nil : "connect a keyboard (a2jmidid -e), or open a session in Ardour")
    return ([jack, timeBase(snapshot), ports], true)
  }

  private func timeBase(_ snapshot: RealtimeSnapshot) -> Finding {
    let song = snapshot.song
    guard song.isKnown else {
      return Finding(
        check: "bars and beats", verdict: .doubtful,
        found: snapshot.transportRolling
          ? "the transport rolls, but nobody tells bars and beats"
          : "not told while the transport stands at its start",
        mend: "in Ardour: Session > Properties > Timecode/Sync > Ardour is JACK time master")
    }
    return Finding(
      check: "bars and beats", verdict: .good,
      found: "bar \(song.bar), \(LiveSession.meter(song))"
        + (song.quartersPerMinute > 0 ? ", \(decimal(song.quartersPerMinute)) BPM" : ""),
      mend: nil)
  }

  private func lookAtArdour() async -> [Finding] {
    do {
      let client = try await ArdourClient.connect(
        port: settings.ardourPort, timeout: .seconds(2))
      let state = await client.state
      let speed = try? await client.speed()
      let editor = Finding.editor(of: client)
      await client.close()
      let name = TerminalText.clean(state.sessionName ?? "a session without a name")
      let tracks = state.strips.filter { $0.kind == .midiTrack }.count
      return [
        Finding(
          check: "Ardour", verdict: .good,
          found:
            "\(name), \(tracks) MIDI tracks, \(speed.map { $0 == 0 ? "stopped" : "rolling" } ?? "silent about its transport")",
          mend: nil), editor,
      ]
    } catch {
      return [
        Finding(
          check: "Ardour", verdict: .bad, found: "\(error)",
          mend: "in Ardour: Edit > Preferences > Control Surfaces > Open Sound Control (OSC)")
      ]
    }
  }

  /// What the song's sources lose as the running Ardour's files, or the last session's, are set.
  private func lookAtSongSources() async -> [Finding] {
    let folders = ArdourFolders(environment: ProcessInfo.processInfo.environment)
    guard let folder = folders?.newest else { return [] }
    var session = folders?.lastSession
    if let client = try? await ArdourClient.connect(
      port: settings.ardourPort, timeout: .seconds(1))
    {
      let name = await client.state.sessionName ?? ""
      session = (try? SessionLocator().locate(name: name, port: client.port))?.url
      await client.close()
    }
    guard let session else { return [] }
    do {
      let settings = try ArdourSettings(
        session: session, configuration: folder.appendingPathComponent("config"))
      let saved = try SessionFile(session)
      return SongSources.findings(settings, lendsTime: saved.isTimebaseMaster).map {
        guard $0.check != SongSources.own.check else { return $0 }
        return Finding(
          check: $0.check, verdict: $0.verdict,
          found: "\($0.found) (\(TerminalText.clean(saved.name)), as saved \(ago(saved.age())))",
          mend: $0.mend)
      }
    } catch {
      return [
        Finding(
          check: "Ardour's settings", verdict: .doubtful, found: "\(error)",
          mend: "save the session in Ardour once more")
      ]
    }
  }

  /// Who composes, as far as it can be told without asking anybody.
  private func model() -> Finding {
    do {
      if let composer = try settings.model.composer() {
        return Finding(
          check: "composer", verdict: .good,
          found: TerminalText.clean(
            "\(composer.name) at \(composer.client.endpoint.server), not asked now"), mend: nil)
      }
    } catch {
      return Finding(
        check: "composer", verdict: .doubtful, found: "\(error)",
        mend: "until then the built-in composer answers at the prompt; see docs/models.md")
    }
    return Finding(
      check: "composer", verdict: .good, found: "the built-in composer; no model is needed",
      mend: nil)
  }

  /// Whether what is asked for can be remembered.
  private func memory() -> Finding {
    do {
      let folder = try settings.needDataFolder()
      let isThere = FileManager.default.fileExists(
        atPath: folder.appendingPathComponent(MemoryStore.fileName).path)
      // Nothing is made only to be looked at.
      if isThere { try MemoryStore(folder: folder).close() }
      return Finding(
        check: "memory", verdict: .good,
        found: isThere ? TerminalText.clean(folder.path) : "nothing is remembered yet", mend: nil)
    } catch {
      return Finding(
        check: "memory", verdict: .doubtful, found: "\(error)",
        mend: "until then nothing is remembered; the rest works")
    }
  }

  private func disk() -> Finding {
    let folder = settings.stateFolder ?? URL(fileURLWithPath: NSTemporaryDirectory())
    var existing = folder
    while !FileManager.default.fileExists(atPath: existing.path), existing.path != "/" {
      existing.deleteLastPathComponent()
    }
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: existing.path)
    let free = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value ?? 0
    guard FileManager.default.isWritableFile(atPath: existing.path) else {
      return Finding(
        check: "disk", verdict: .doubtful, found: "\(existing.path) cannot be written",
        mend: "make it writable, or set XDG_STATE_HOME")
    }
    guard attributes?[.systemFreeSize] != nil else {
      return Finding(
        check: "disk", verdict: .doubtful,
        found: "how much is free is not told at \(existing.path)",
        mend: "look with: df -h \(existing.path)")
    }
    let enough = free > 200 << 20
    return Finding(
      check: "disk", verdict: enough ? .good : .doubtful,
      found: "\(free >> 20) MiB free at \(existing.path)",
      mend: enough ? nil : "make room: takes need about 10 MiB an hour")
  }
}
