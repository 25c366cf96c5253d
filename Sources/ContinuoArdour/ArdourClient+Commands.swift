// SPDX-License-Identifier: MIT
import ContinuoOSC

/// Commands that return when Ardour has shown that it obeyed, and throw `unconfirmed`, naming the
/// step and what was seen instead, when it has not within their time.
extension ArdourClient {
  /// Rolls the transport; the JACK transport too when Ardour follows it.
  public func play(timeout: Duration = .seconds(5)) async throws(ArdourError) {
    // A play that comes while Ardour still reads ahead for a locate is lost (7.3, 1024 frames). While
    // it loops, one too many would end the loop.
    try await confirm(
      "start playing", [OSCMessage("/transport_play")], query: "/transport_speed", timeout,
      resends: state.loops != true, sees: { "its transport stands still; has it lost JACK?" },
      accepts: { $0 != 0 })
  }

  /// Stops the transport; Ardour then ends global recording as well.
  public func stop(timeout: Duration = .seconds(5)) async throws(ArdourError) {
    try await confirm(
      "stop", [OSCMessage("/transport_stop")], query: "/transport_speed", timeout,
      resends: true, sees: { "its transport still moves" }, accepts: { $0 == 0 })
  }

  /// Stops if need be and moves the playhead to `frame`, 0...2147483647.
  ///
  /// Returns the frame on which Ardour stands: with JACK transport and connected outputs it waits a
  /// latency's length ahead, up to 16384 frames, and still plays from `frame`.
  @discardableResult
  public func locate(
    to frame: Int, timeout: Duration = .seconds(5)
  ) async throws(ArdourError) -> Int {
    guard let target = Int32(exactly: frame), target >= 0 else { throw .unreachableFrame(frame) }
    if try await speed() != 0 { try await stop(timeout: timeout) }
    let command = OSCMessage("/locate", [.int32(target), .int32(0)])
    return try await confirm(
      "go to frame \(frame)", [command], query: "/transport_frame", timeout, resends: true,
      sees: { [state] in "it stands on frame \(state.frame.map(String.init) ?? "unknown")" },
      accepts: { (Double(frame)...Double(frame) + 16384).contains($0) })
  }

  /// Arms or disarms the track called `name`.
  ///
  /// Throws `noSuchTrack` with names like it, or `noMIDITrack` when the strip is no MIDI track.
  @discardableResult
  public func setArmed(
    _ armed: Bool, track name: String, timeout: Duration = .seconds(3)
  ) async throws(ArdourError) -> ArdourStrip {
    let strip = try await midiTrack(named: name)
    return try await setArmed(armed, strip: strip, timeout: timeout)
  }

  /// Arms or disarms `strip`, whatever kind of track it is.
  @discardableResult
  func setArmed(
    _ armed: Bool, strip: ArdourStrip, timeout: Duration = .seconds(3)
  ) async throws(ArdourError) -> ArdourStrip {
    let step = "\(armed ? "arm" : "disarm") the track \"\(strip.name)\""
    let command = OSCMessage(
      "/strip/recenable", [.int32(Int32(strip.id)), .int32(armed ? 1 : 0)])
    let query = OSCMessage("/strip", [.int32(Int32(strip.id))])
    let deadline = ContinuousClock.now + timeout
    var seen = ""
    var nextSend = ContinuousClock.now
    while ContinuousClock.now < deadline {
      let answer = try await ask(query, step: step, timeout: .seconds(1)) {
        ArdourStrip(answered: $0)?.id == strip.id
      }
      guard let now = ArdourStrip(answered: answer) else { continue }
      guard now.name == strip.name else {
        // Numbers are places in the mixer: somebody moved a strip and ours has another one.
        throw .unconfirmed(
          step: step, milliseconds: timeout.milliseconds,
          seen: "strip \(strip.id) has become \"\(now.name)\"; try again")
      }
      if now.isArmed == armed { return now }
      // Ardour loses what comes for a strip while it lists the strips; arming twice is arming once.
      if ContinuousClock.now >= nextSend {
        try send(command)
        nextSend = ContinuousClock.now + .milliseconds(300)
      }
      seen = "it shows the track \(now.isArmed ? "armed" : "disarmed"); has it lost JACK?"
      try await pause(step)
    }
    throw .unconfirmed(step: step, milliseconds: timeout.milliseconds, seen: seen)
  }

  /// Switches the In button of the track `name`: whether its input sounds whatever it records.
  ///
  /// Returns how the button was before; nil when Ardour had not told. Throws `noSuchTrack`,
  /// `noMIDITrack`, or `unconfirmed` when Ardour does not show it.
  @discardableResult
  public func setMonitorsInput(
    _ on: Bool, track name: String, timeout: Duration = .seconds(3)
  ) async throws(ArdourError) -> Bool? {
    let strip = try await midiTrack(named: name)
    // A list makes Ardour tell each strip's buttons anew; they come after the list's end.
    let before = try await monitorsInput(strip)
    // Ardour tells no button that does not change.
    if before == on { return before }
    let id = Int32(strip.id)
    let step = "switch the In button of \"\(strip.name)\" \(on ? "on" : "off")"
    _ = try await ask(
      OSCMessage("/strip/monitor_input", [.int32(id), .int32(on ? 1 : 0)]), step: step,
      timeout: timeout
    ) { message in
      message.address == "/strip/monitor_input" && message.arguments.count == 2
        && message.arguments[0].number == Double(id)
        && message.arguments[1].number == (on ? 1 : 0)
    }
    return before
  }

  /// Whether the In button of `strip` is on, waiting up to half a second to be told.
  private func monitorsInput(_ strip: ArdourStrip) async throws(ArdourError) -> Bool? {
    let deadline = ContinuousClock.now + .milliseconds(500)
    while ContinuousClock.now < deadline {
      let now = state.strips.first { $0.id == strip.id && $0.name == strip.name }
      if let known = now?.details.monitorsInput { return known }
      try await pause("tell the In button of \"\(strip.name)\"")
    }
    return nil
  }

  /// An end of the punch range.
  public enum PunchSide: String, CaseIterable, Sendable {
    /// Where recording begins.
    case `in`
    /// Where recording ends.
    case out
  }

  /// Switches punch in or out on or off.
  ///
  /// OSC has a toggle alone, so it is sent once at most, and only when it is known how the switch
  /// stands.
  public func setPunch(
    _ side: PunchSide, on: Bool, timeout: Duration = .seconds(3)
  ) async throws(ArdourError) {
    let step = "switch punch \(side.rawValue) \(on ? "on" : "off")"
    guard let now = state.punches(side) else {
      throw .unconfirmed(step: step, milliseconds: 0, seen: "it has never told how it stands")
    }
    guard now != on else { return }
    let address = "/toggle_punch_\(side.rawValue)"
    _ = try await ask(OSCMessage(address), step: step, timeout: timeout, repeating: timeout) {
      $0.address == address && $0.arguments.first?.number.map { ($0 != 0) == on } == true
    }
  }

  /// Switches global recording on or off.
  ///
  /// OSC has a toggle alone, so the state is asked first and the toggle sent once at most.
  public func setGlobalRecord(
    _ on: Bool, timeout: Duration = .seconds(3)
  ) async throws(ArdourError) {
    let step = "switch recording \(on ? "on" : "off")"
    let query = OSCMessage("/record_enabled")
    let answer = try await ask(query, step: step, timeout: timeout) {
      $0.address == "/record_enabled" && $0.arguments.first?.number != nil
    }
    guard ((answer.arguments.first?.number ?? 0) != 0) != on else { return }
    try await confirm(
      step, [OSCMessage("/rec_enable_toggle")], query: "/record_enabled", timeout,
      sees: { "it is still \(on ? "off" : "on")" }, accepts: { ($0 != 0) == on })
  }

  /// Returns once Ardour has switched global recording off, as it does by itself after a stop.
  func recordingEnded(timeout: Duration) async throws(ArdourError) {
    try await confirm(
      "end recording after the stop", [], query: "/record_enabled", timeout,
      sees: {
        "recording is still on; Ardour 7.3 does so when its outputs but none of its inputs are "
          + "connected to a sound card, so connect an audio track's input"
      }, accepts: { $0 == 0 })
  }

  /// Saves the session; Ardour confirms by telling the session's name again.
  public func save(timeout: Duration = .seconds(10)) async throws(ArdourError) {
    // Not sent twice: the first confirmation could be taken for the second one's.
    _ = try await ask(
      OSCMessage("/save_state"), step: "save the session", timeout: timeout, repeating: timeout
    ) { message in
      message.address == "/session_name"
        && !(message.arguments.first?.text ?? "").allSatisfy(\.isWhitespace)
    }
  }

  /// The transport's speed, asked for now.
  public func speed(timeout: Duration = .seconds(1)) async throws(ArdourError) -> Double {
    try await value(of: "/transport_speed", timeout: timeout)
  }

  /// The playhead's frame, asked for now.
  public func frame(timeout: Duration = .seconds(1)) async throws(ArdourError) -> Int {
    let value = try await value(of: "/transport_frame", timeout: timeout)
    return Int(exactly: value.rounded()) ?? 0
  }

  /// Whether global recording is on, asked for now.
  public func recordsGlobally(
    timeout: Duration = .seconds(1)
  ) async throws(ArdourError) -> Bool {
    try await value(of: "/record_enabled", timeout: timeout) != 0
  }

  /// The MIDI track called `name`, from a list made now.
  public func midiTrack(named name: String) async throws(ArdourError) -> ArdourStrip {
    try await listStrips()
    guard let strip = state.strip(named: name) else {
      let tracks = state.strips.filter { $0.kind == .midiTrack }.map(\.name)
      throw .noSuchTrack(name: name, near: nearNames(to: name, among: tracks))
    }
    guard strip.kind == .midiTrack else {
      throw .noMIDITrack(name: strip.name, kind: strip.kind)
    }
    return strip
  }

  private func value(of query: String, timeout: Duration) async throws(ArdourError) -> Double {
    let answer = try await ask(
      OSCMessage(query), step: "answer \(query)", timeout: timeout
    ) { $0.address == query && $0.arguments.first?.number != nil }
    return answer.arguments.first?.number ?? 0
  }

  /// Sends `commands`, then asks `query` every 20 ms until its value is accepted.
  @discardableResult
  private func confirm(
    _ step: String, _ commands: [OSCMessage], query: String, _ timeout: Duration,
    resends: Bool = false, sees: () -> String, accepts: (Double) -> Bool
  ) async throws(ArdourError) -> Int {
    let deadline = ContinuousClock.now + timeout
    var nextSend = ContinuousClock.now
    var isFirst = true
    while ContinuousClock.now < deadline {
      if isFirst || (resends && ContinuousClock.now >= nextSend) {
        for command in commands { try send(command) }
        nextSend = ContinuousClock.now + .seconds(1)
        isFirst = false
      }
      let value = try await value(of: query, timeout: .seconds(1))
      if accepts(value) { return Int(exactly: value.rounded()) ?? 0 }
      try await pause(step)
    }
    throw .unconfirmed(step: step, milliseconds: timeout.milliseconds, seen: sees())
  }

  private func pause(_ step: String) async throws(ArdourError) {
    do {
      try await Task.sleep(for: .milliseconds(20))
    } catch {
      throw .cancelled(step: step)
    }
  }
}
