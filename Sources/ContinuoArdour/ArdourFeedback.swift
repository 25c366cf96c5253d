// SPDX-License-Identifier: MIT
import ContinuoOSC

/// Turns what Ardour says into its state; pure, total on every message.
///
/// Play and stop messages are taken as hints alone: an Ardour that follows JACK's transport sends
/// them wrongly or not at all, while its answers to `/transport_speed` are right.
struct ArdourFeedback {
  /// What a message asks the client to do.
  enum Wish: Hashable {
    /// The strips are other ones now: list them again.
    case listStrips
    /// The transport may have changed: ask for its speed.
    case askSpeed
  }

  /// More strips than this are not kept.
  static let maximumStrips = 4096
  /// Longer names are cut here, in characters.
  static let maximumName = 256

  private(set) var state = ArdourState()
  private var listing: [Int: ArdourStrip] = [:]
  /// The number that was listed last.
  private var lastListed = Int.min
  /// By number; told before and after the list that the number belongs to.
  private var details: [Int: ArdourStrip.Details] = [:]

  /// How many complete strip lists have come.
  private(set) var listings = 0

  mutating func setPresence(_ presence: ArdourState.Presence) {
    state.presence = presence
    guard presence == .gone else { return }
    // None of these can be believed of an Ardour that may have been started anew.
    (state.speed, state.recordsGlobally, state.hasArmedTrack) = (nil, nil, nil)
  }

  mutating func apply(_ message: OSCMessage, at now: ContinuousClock.Instant) -> Wish? {
    state.lastHeard = now
    let first = message.arguments.first
    switch message.address {
    case "/reply", "#reply": applyReply(message.arguments)
    case "/strip/list" where message.arguments.isEmpty: return .listStrips
    case "/session_name":
      // A blank clears the display of a surface; the session keeps its name.
      if let name = first?.text, !name.allSatisfy(\.isWhitespace) { state.sessionName = cut(name) }
    case "/transport_speed": if let speed = first?.number { state.speed = speed }
    case "/transport_frame": if let frame = first?.integer { state.frame = frame }
    case "/position/samples":
      if let frame = first?.text.flatMap({ Int($0) }) { state.frame = frame }
    case "/record_enabled", "/rec_enable_toggle":
      if let value = first?.number { state.recordsGlobally = value != 0 }
    case "/record_tally": if let value = first?.number { state.hasArmedTrack = value != 0 }
    case "/toggle_punch_in": if let value = first?.number { state.punchesIn = value != 0 }
    case "/toggle_punch_out": if let value = first?.number { state.punchesOut = value != 0 }
    case "/loop_toggle": if let value = first?.number { state.loops = value != 0 }
    case "/marker": if let text = first?.text { state.marker = cut(text) }
    case "/transport_play", "/transport_stop", "/toggle_roll": return .askSpeed
    default:
      if message.address.hasPrefix("/strip/") || message.address == "/strip" {
        applyStrip(message)
      }
    }
    return nil
  }

  private mutating func applyReply(_ arguments: [OSCArgument]) {
    guard arguments.first?.text == "end_route_list" else {
      guard let strip = ArdourStrip(listed: arguments), listing.count < Self.maximumStrips else {
        return
      }
      // Ardour lists by number, so a list that goes back is another one: the end of the one before
      // was lost, and what it told may be gone.
      if strip.id <= lastListed { listing = [:] }
      lastListed = strip.id
      listing[strip.id] = strip
      return
    }
    if arguments.count >= 3 {
      if let rate = arguments[1].integer, (1000...1_000_000).contains(rate) {
        state.sampleRate = rate
      }
      if let end = arguments[2].integer { state.endFrame = end }
    }
    details = details.filter { listing[$0.key] != nil }
    state.strips = listing.values.sorted { $0.id < $1.id }.map(detailed)
    listing = [:]
    lastListed = .min
    listings += 1
  }

  private mutating func applyStrip(_ message: OSCMessage) {
    if let strip = ArdourStrip(answered: message) {
      if let index = state.strips.firstIndex(where: { $0.id == strip.id }) {
        state.strips[index] = detailed(strip)
      }
      return
    }
    guard message.arguments.count == 2, let id = message.arguments[0].integer,
      (1...Self.maximumStrips).contains(id)
    else { return }
    applyDetail(message.address, id, message.arguments[1])
    guard let index = state.strips.firstIndex(where: { $0.id == id }) else { return }
    let value = message.arguments[1]
    state.strips[index] = detailed(state.strips[index])
    switch message.address {
    case "/strip/name":
      if let name = value.text, !name.allSatisfy(\.isWhitespace) {
        state.strips[index].name = cut(name)
      }
    case "/strip/mute": if let on = value.number { state.strips[index].isMuted = on != 0 }
    case "/strip/solo": if let on = value.number { state.strips[index].isSoloed = on != 0 }
    case "/strip/recenable": if let on = value.number { state.strips[index].isArmed = on != 0 }
    default: break
    }
  }

  private mutating func applyDetail(_ address: String, _ id: Int, _ value: OSCArgument) {
    var known = details[id] ?? ArdourStrip.Details()
    switch address {
    case "/strip/monitor_input": if let on = value.number { known.monitorsInput = on != 0 }
    case "/strip/monitor_disk": if let on = value.number { known.monitorsDisk = on != 0 }
    case "/strip/gain": if let gain = value.number { known.gain = gain }
    case "/strip/select": if let on = value.number { known.isSelected = on != 0 }
    case "/strip/hide": if let on = value.number { known.isHidden = on != 0 }
    case "/strip/group":
      if let group = value.text { known.group = group.allSatisfy(\.isWhitespace) ? "" : cut(group) }
    default: return
    }
    details[id] = known
  }

  private func detailed(_ strip: ArdourStrip) -> ArdourStrip {
    var strip = strip
    if let known = details[strip.id] { strip.details = known }
    return strip
  }
}

extension ArdourStrip {
  /// A line of the strip list: type, name, inputs, outputs, mute, solo, number, and for tracks
  /// whether it is armed.
  init?(listed arguments: [OSCArgument]) {
    guard (7...8).contains(arguments.count), let kind = arguments[0].text.flatMap(Kind.init),
      let name = arguments[1].text, let muted = arguments[4].number,
      let soloed = arguments[5].number, let id = arguments[6].integer,
      (1...ArdourFeedback.maximumStrips).contains(id)
    else { return nil }
    self.init(
      id: id, name: cut(name), kind: kind, isMuted: muted != 0, isSoloed: soloed != 0,
      isArmed: kind.isTrack && arguments.count == 8 && (arguments[7].number ?? 0) != 0)
  }

  /// The answer to `/strip` with a number: number, type, name, inputs, outputs, mute, solo, and for
  /// tracks whether it is armed.
  init?(answered message: OSCMessage) {
    let arguments = message.arguments
    guard message.address == "/strip", (7...8).contains(arguments.count),
      let id = arguments[0].integer, (1...ArdourFeedback.maximumStrips).contains(id),
      let kind = arguments[1].text.flatMap(Kind.init), let name = arguments[2].text,
      let muted = arguments[5].number, let soloed = arguments[6].number
    else { return nil }
    self.init(
      id: id, name: cut(name), kind: kind, isMuted: muted != 0, isSoloed: soloed != 0,
      isArmed: kind.isTrack && arguments.count == 8 && (arguments[7].number ?? 0) != 0)
  }
}

private func cut(_ name: String) -> String {
  String(name.prefix(ArdourFeedback.maximumName))
}
