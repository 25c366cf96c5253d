// SPDX-License-Identifier: MIT
import ContinuoArdour
import ContinuoOSC
import ContinuoTestSupport
import Testing

/// The client against a scripted double: losses, silence and lies that Ardour cannot be made to do.
struct ArdourClientTests {
  static let short = Duration.milliseconds(400)

  @Test func `a port where nobody answers is told with what to do`() async throws {
    let silent = try OSCSocket()
    let error = await #expect(throws: ArdourError.self) {
      try await ArdourClient.connect(port: silent.port, timeout: Self.short)
    }
    #expect(error == .notAnswering(ports: silent.port...silent.port))
    #expect("\(try #require(error))".contains("Control Surfaces > Open Sound Control (OSC)"))
  }

  @Test func `what answers but is no Ardour is not found`() async throws {
    let ardour = try ScriptedArdour()
    #expect(
      try await ArdourFinder.find(on: ardour.port...ardour.port, timeout: Self.short)
        == [ardour.port])
    ardour.behave { $0.isDead = true }
    #expect(
      try await ArdourFinder.find(on: ardour.port...ardour.port, timeout: Self.short) == [])
  }

  @Test func `a strip list that never ends stops the connection in time`() async throws {
    let ardour = try ScriptedArdour(.init(silentOn: ["/strip/list"]))
    let start = ContinuousClock.now
    let error = await #expect(throws: ArdourError.self) {
      try await ArdourClient.connect(port: ardour.port, timeout: Self.short)
    }
    #expect(
      error == .unconfirmed(step: "list its strips", milliseconds: 400, seen: ""))
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test func `commands that Ardour ignores are named with what it shows instead`() async throws {
    let ardour = try ScriptedArdour()
    let client = try await ArdourClient.connect(port: ardour.port)
    ardour.behave {
      $0.ignores = ["/transport_play", "/locate", "/strip/recenable", "/rec_enable_toggle"]
      $0.silentOn = ["/save_state"]
    }
    func fails(_ text: String, _ body: () async throws -> Void) async {
      await #expect { try await body() } throws: { "\($0)".contains(text) }
    }
    await fails("did not start playing within 0.4 s: its transport stands still") {
      try await client.play(timeout: Self.short)
    }
    await fails("did not go to frame 4800 within 0.4 s: it stands on frame 0") {
      try await client.locate(to: 4800, timeout: Self.short)
    }
    await fails("did not arm the track \"Bass\" within 0.4 s: it shows the track disarmed") {
      try await client.setArmed(true, track: "Bass", timeout: Self.short)
    }
    await fails("did not switch recording on within 0.4 s: it is still off") {
      try await client.setGlobalRecord(true, timeout: Self.short)
    }
    await fails("did not save the session within 0.4 s") {
      try await client.save(timeout: Self.short)
    }
    // A toggle sent twice would undo itself; a save sent twice could be confirmed by the first.
    #expect(ardour.count("/rec_enable_toggle") == 1)
    #expect(ardour.count("/save_state") == 1)
    #expect(ardour.count("/transport_play") == 1)
    await client.close()
  }

  @Test func `what may be sent twice is, and what is lost once still works`() async throws {
    let ardour = try ScriptedArdour()
    let client = try await ArdourClient.connect(port: ardour.port)
    try await client.play()
    ardour.behave {
      $0.losesOnce = [
        "/transport_stop", "/locate", "/strip/recenable", "/transport_speed", "/transport_frame",
      ]
    }
    try await client.stop()
    #expect(try await client.locate(to: 4800) == 4800)
    #expect(try await client.setArmed(true, track: "Bass").isArmed)
    #expect(ardour.count("/strip/recenable") == 2)
    await client.close()
  }

  @Test func `a strip that becomes another one while it is armed is not taken for it`() async throws
  {
    let ardour = try ScriptedArdour(.init(renamesOnArm: "Drums"))
    let client = try await ArdourClient.connect(port: ardour.port)
    await #expect { try await client.setArmed(true, track: "Bass") } throws: {
      "\($0)".contains("strip 1 has become \"Drums\"")
    }
    await client.close()
  }

  @Test func `places beyond what OSC can name are refused`() async throws {
    let ardour = try ScriptedArdour()
    let client = try await ArdourClient.connect(port: ardour.port)
    for frame in [-1, 1 << 31, Int.max, Int.min] {
      await #expect(throws: ArdourError.unreachableFrame(frame)) {
        try await client.locate(to: frame)
      }
    }
    #expect(ardour.count("/locate") == 0)
    await client.close()
  }

  @Test func `a changed strip list is listed again once for a burst of changes`() async throws {
    let ardour = try ScriptedArdour()
    let client = try await ArdourClient.connect(port: ardour.port)
    let before = ardour.count("/strip/list")
    for _ in 0..<50 { ardour.say(OSCMessage("/strip/list"), to: ardour.clientPort) }
    try await eventually("a new list") { ardour.count("/strip/list") > before }
    try await Task.sleep(for: .milliseconds(300))
    #expect(ardour.count("/strip/list") == before + 1)
    await client.close()
  }

  @Test func `what strangers send is not believed`() async throws {
    let ardour = try ScriptedArdour()
    let client = try await ArdourClient.connect(port: ardour.port)
    let stranger = try OSCSocket()
    for _ in 0..<20 {
      try stranger.send(OSCMessage("/session_name", [.string("lie")]), to: ardour.clientPort)
    }
    ardour.say(OSCMessage("/transport_frame", [.int64(77)]), to: ardour.clientPort)
    try await eventually("the true message") { await client.state.frame == 77 }
    #expect(await client.state.sessionName == "double")
    await client.close()
  }

  @Test func `silence counts as gone, ends what waits, and a return subscribes again`() async throws
  {
    let ardour = try ScriptedArdour()
    let client = try await ArdourClient.connect(port: ardour.port)
    let states = await client.states()
    let presences = Task {
      var seen: [ArdourState.Presence] = []
      for await state in states where seen.last != state.presence {
        seen.append(state.presence)
        if seen == [.present, .gone, .present] { break }
      }
      return seen
    }
    let subscriptions = ardour.count("/set_surface")
    ardour.behave { $0.isDead = true }
    await #expect(throws: ArdourError.gone(port: ardour.port)) {
      try await client.save(timeout: .seconds(20))
    }
    #expect(await client.state.presence == .gone)
    #expect(await client.state.isRolling == nil)
    await #expect(throws: ArdourError.gone(port: ardour.port)) { try await client.stop() }
    ardour.behave { $0.isDead = false }
    try await eventually("Ardour's return") { await client.state.presence == .present }
    try await eventually("a subscription") { ardour.count("/set_surface") > subscriptions + 1 }
    try await client.play()
    #expect(await presences.value == [.present, .gone, .present])
    await client.close()
  }

  @Test func `a cancelled command ends at once`() async throws {
    let ardour = try ScriptedArdour(.init(silentOn: ["/save_state"]))
    let client = try await ArdourClient.connect(port: ardour.port)
    let saving = Task { try await client.save(timeout: .seconds(60)) }
    try await eventually("the command to go") { ardour.count("/save_state") == 1 }
    let start = ContinuousClock.now
    saving.cancel()
    await #expect(throws: ArdourError.cancelled(step: "save the session")) {
      try await saving.value
    }
    #expect(ContinuousClock.now - start < .seconds(5))
    await client.close()
  }

  @Test func `closing ends what waits and the stream of states`() async throws {
    let ardour = try ScriptedArdour(.init(silentOn: ["/save_state"]))
    let client = try await ArdourClient.connect(port: ardour.port)
    let states = await client.states()
    let saving = Task { try await client.save(timeout: .seconds(60)) }
    try await eventually("the command to go") { ardour.count("/save_state") == 1 }
    await client.close()
    await #expect(throws: ArdourError.self) { try await saving.value }
    for await _ in states {}
  }
}
