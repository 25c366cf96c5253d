// SPDX-License-Identifier: MIT
@testable import ContinuoArdour
import ContinuoOSC
import Testing

struct ArdourFeedbackTests {
  var feedback = ArdourFeedback()
  let now = ContinuousClock.now

  @discardableResult
  mutating func hear(_ address: String, _ arguments: OSCArgument...) -> ArdourFeedback.Wish? {
    feedback.apply(OSCMessage(address, arguments), at: now)
  }

  mutating func hearList(reply: String = "/reply") {
    hear(
      reply, .string("AT"), .string("Voice"), .int32(1), .int32(2), .int32(1), .int32(0),
      .int32(1), .int32(0))
    hear(
      reply, .string("MT"), .string("Bass"), .int32(0), .int32(0), .int32(0), .int32(1),
      .int32(2), .int32(1))
    hear(
      reply, .string("MA"), .string("Master"), .int32(2), .int32(2), .int32(0), .int32(0),
      .int32(3))
    hear(reply, .string("end_route_list"), .int64(44_100), .int64(1_000_000), .int32(0))
  }

  @Test(arguments: ["/reply", "#reply"])
  mutating func `a strip list takes effect at its end mark, in order`(reply: String) {
    hear(
      reply, .string("MT"), .string("Old"), .int32(0), .int32(0), .int32(0), .int32(0),
      .int32(9), .int32(0))
    #expect(feedback.state.strips == [])
    hear(reply, .string("end_route_list"), .int64(48_000), .int64(0), .int32(0))
    #expect(feedback.state.strips.map(\.name) == ["Old"])
    hearList(reply: reply)
    #expect(
      feedback.state.strips == [
        ArdourStrip(id: 1, name: "Voice", kind: .audioTrack, isMuted: true),
        ArdourStrip(id: 2, name: "Bass", kind: .midiTrack, isSoloed: true, isArmed: true),
        ArdourStrip(id: 3, name: "Master", kind: .master),
      ])
    #expect(feedback.state.sampleRate == 44_100)
    #expect(feedback.state.endFrame == 1_000_000)
  }

  @Test mutating func `a list whose end was lost leaves no deleted strip in the next one`() {
    for (id, name) in [(1, "Voice"), (2, "Bass"), (3, "Deleted")] {
      hear(
        "/reply", .string("MT"), .string(name), .int32(0), .int32(0), .int32(0), .int32(0),
        .int32(Int32(id)), .int32(0))
    }
    // No end mark: the strip was deleted meanwhile, and the list is told again.
    for (id, name) in [(1, "Voice"), (2, "Bass")] {
      hear(
        "/reply", .string("MT"), .string(name), .int32(0), .int32(0), .int32(0), .int32(0),
        .int32(Int32(id)), .int32(0))
    }
    hear("/reply", .string("end_route_list"), .int64(48_000), .int64(0), .int32(0))
    #expect(feedback.state.strips.map(\.name) == ["Voice", "Bass"])
  }

  @Test mutating func `strip feedback changes the strip it names and no other`() {
    hearList()
    hear("/strip/recenable", .int32(1), .float(1))
    hear("/strip/mute", .int32(1), .float(0))
    hear("/strip/solo", .int32(2), .float(0))
    hear("/strip/name", .int32(2), .string("Low"))
    hear("/strip/name", .int32(3), .string(" "))
    hear("/strip/recenable", .int32(77), .float(1))
    #expect(
      feedback.state.strips == [
        ArdourStrip(id: 1, name: "Voice", kind: .audioTrack, isArmed: true),
        ArdourStrip(id: 2, name: "Low", kind: .midiTrack, isArmed: true),
        ArdourStrip(id: 3, name: "Master", kind: .master),
      ])
  }

  @Test mutating func `what is told of a strip one by one survives the next list`() {
    hear("/strip/gain", .int32(2), .float(-6))
    hearList()
    hear("/strip/monitor_input", .int32(2), .int32(1))
    hear("/strip/select", .int32(2), .float(1))
    hear("/strip/hide", .int32(1), .int32(1))
    hear("/strip/group", .int32(1), .string("Singers"))
    hear("/strip/group", .int32(2), .string(" "))
    hear("/strip/gain", .int32(1), .string("loud"))
    hearList()
    let bass = feedback.state.strip(named: "Bass")?.details
    #expect(bass?.monitorsInput == true && bass?.monitorsDisk == nil)
    #expect(bass?.gain == -6 && bass?.isSelected == true && bass?.group == "")
    let voice = feedback.state.strip(named: "Voice")?.details
    #expect(voice?.isHidden == true && voice?.group == "Singers" && voice?.gain == nil)
    hear("/loop_toggle", .float(1))
    hear("/marker", .string("verse <-> chorus"))
    #expect(feedback.state.loops == true && feedback.state.marker == "verse <-> chorus")
  }

  @Test mutating func `a strip list without arguments asks for a new list`() {
    #expect(hear("/strip/list") == .listStrips)
    #expect(hear("/strip/list", .int32(1)) == nil)
  }

  @Test mutating func `play and stop are hints alone`() {
    hear("/transport_speed", .double(0))
    #expect(hear("/transport_play", .float(1)) == .askSpeed)
    #expect(feedback.state.isRolling == false)
    hear("/transport_speed", .double(1))
    #expect(feedback.state.isRolling == true)
  }

  @Test mutating func `the blank names of a clearing burst change nothing`() {
    hear("/session_name", .string("demo"))
    hear("/session_name", .string(" "))
    hear("/position/samples", .string("1307136"))
    hear("/position/samples", .string(" "))
    #expect(feedback.state.sessionName == "demo")
    #expect(feedback.state.frame == 1_307_136)
  }

  @Test mutating func `recording is armed, global and rolling`() {
    hear("/transport_speed", .double(1))
    hear("/record_tally", .float(1))
    #expect(!feedback.state.isRecording)
    hear("/rec_enable_toggle", .float(1))
    #expect(feedback.state.isRecording)
    hear("/record_enabled", .int32(0))
    #expect(!feedback.state.isRecording)
  }

  @Test mutating func `nonsense changes nothing but the time it was heard`() {
    hearList()
    hear("/session_name", .string("demo"))
    let before = feedback.state
    hear(
      "/reply", .string("XX"), .string("?"), .int32(0), .int32(0), .int32(0), .int32(0),
      .int32(1), .int32(0))
    hear(
      "/reply", .string("MT"), .string("?"), .int32(0), .int32(0), .int32(0), .int32(0),
      .int32(-4), .int32(0))
    hear("/reply")
    hear("/strip/recenable", .string("1"), .float(.nan))
    hear("/strip/recenable", .int32(1), .float(.nan))
    hear("/transport_speed", .double(.infinity))
    hear("/transport_frame", .string("1"))
    hear("/position/samples", .string("99999999999999999999999"))
    hear("/nothing", .blob([1]))
    #expect(feedback.state == before)
  }

  @Test mutating func `a list that never ends is bounded`() {
    for id in 1...10_000 {
      hear(
        "/reply", .string("MT"), .string("T\(id)"), .int32(0), .int32(0), .int32(0), .int32(0),
        .int32(Int32(id)), .int32(0))
    }
    hear("/reply", .string("end_route_list"), .int64(48_000), .int64(0), .int32(0))
    #expect(feedback.state.strips.count == ArdourFeedback.maximumStrips)
  }

  @Test func `names near a wrong one come first, else all`() {
    let names = ["Drums", "Bass", "Bass DI", "Keys", "Lead", "Pad", "Strings"]
    #expect(nearNames(to: "bas", among: names) == ["Bass", "Bass DI"])
    #expect(nearNames(to: "Kees", among: names) == ["Keys"])
    #expect(nearNames(to: "Xylophone", among: ["Drums", "Bass"]) == ["Drums", "Bass"])
    #expect(nearNames(to: "", among: names).count == 5)
    #expect(nearNames(to: "x", among: []) == [])
  }

  @Test func `ports are named as Ardour names them`() {
    #expect(ArdourPort.midiInput(track: "Bass") == "ardour:Bass/midi_in 1")
    #expect(ArdourPort.midiOutput(track: "A b", client: "two") == "two:A b/midi_out 1")
    #expect(ArdourPort.track(ofPort: "two:A/b/midi_out 1") == "A/b")
    #expect(ArdourPort.track(ofPort: "system:midi_capture_1") == nil)
    #expect(ArdourPort.track(ofPort: "ardour:/midi_in 1") == nil)
  }
}
