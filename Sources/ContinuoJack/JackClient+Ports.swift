// SPDX-License-Identifier: MIT
internal import CJack

/// A port's latency in frames, least and most over all ways to it.
public struct LatencyRange: Sendable, Equatable, Codable {
  /// Least, in frames.
  public let least: Int
  /// Most, in frames.
  public let most: Int
}

/// Which MIDI ports to list.
public enum PortDirection: Sendable {
  /// Ports that give MIDI.
  case outputs
  /// Ports that take MIDI.
  case inputs
}

extension JackClient {
  /// The full name of input `number` (from 1): "C:in_1".
  public func inputName(_ number: Int) -> String { "\(configuration.name):in_\(number)" }

  /// The full names of all that is heard: the inputs, and the clock port where there is one.
  public var inputNames: [String] {
    (1...configuration.inputs).map { inputName($0) } + (configuration.hasClock ? [clockName] : [])
  }

  /// The full name of the clock port, where there is one: "C:clock".
  public var clockName: String { "\(configuration.name):clock" }

  /// The full name of the output: "C:out".
  public var outputName: String { "\(configuration.name):out" }

  /// All MIDI ports of the server in one direction, as "client:port".
  public func midiPorts(_ direction: PortDirection) -> [String] {
    guard !isServerGone else { return [] }
    let flags = direction == .outputs ? JackPortIsOutput : JackPortIsInput
    let names = unsafe jack_get_ports(
      handle, nil, continuo_jack_midi_type(), UInt(flags.rawValue))
    return unsafe Self.take(names)
  }

  /// Whether a port of this full name exists.
  public func hasPort(_ name: String) -> Bool {
    unsafe !isServerGone && jack_port_by_name(handle, name) != nil
  }

  /// The ports that `port` ("client:port") is connected to.
  public func connections(of port: String) -> [String] {
    guard !isServerGone, let found = unsafe jack_port_by_name(handle, port) else { return [] }
    return unsafe Self.take(jack_port_get_all_connections(handle, found))
  }

  /// Connects an output port to an input port; already connected is success.
  public func connect(_ from: String, _ to: String) throws(JackError) {
    guard !isServerGone else { throw .closed }
    for name in [from, to] where !hasPort(name) { throw .noSuchPort(name, near: []) }
    let code = unsafe jack_connect(handle, from, to)
    // EEXIST: somebody was quicker.
    guard code == 0 || code == 17 else { throw .notConnected(from: from, to: to, code: code) }
  }

  /// Parts two ports; not connected is success.
  public func disconnect(_ from: String, _ to: String) throws(JackError) {
    guard !isServerGone else { throw .closed }
    guard connections(of: from).contains(to) else { return }
    let code = unsafe jack_disconnect(handle, from, to)
    guard code == 0 else { throw .notConnected(from: from, to: to, code: code) }
  }

  /// Playback latency of the output: frames until what leaves it is heard.
  public var outputLatency: LatencyRange {
    unsafe latency(outputPort, JackPlaybackLatency)
  }

  /// Capture latency of input `number` (from 1): frames since what arrives was played.
  public func inputLatency(_ number: Int) -> LatencyRange {
    unsafe latency(inputPorts[number - 1], JackCaptureLatency)
  }

  /// Capture and playback latency, in frames, of the sound card that `client`'s outputs are
  /// connected to; nil when none of them is.
  public func soundCardLatency(of client: String) -> (capture: Int, playback: Int)? {
    guard !isServerGone else { return nil }
    let prefix = client + ":"
    let all = unsafe Self.take(jack_get_ports(handle, nil, nil, UInt(JackPortIsOutput.rawValue)))
    let cards = unsafe Set(
      Self.take(jack_get_ports(handle, nil, nil, UInt(JackPortIsPhysical.rawValue))))
    let isConnected = all.contains { name in
      name.hasPrefix(prefix) && connections(of: name).contains { cards.contains($0) }
    }
    guard isConnected else { return nil }
    return (
      most(cards, JackCaptureLatency, JackPortIsOutput),
      most(cards, JackPlaybackLatency, JackPortIsInput)
    )
  }

  private func most(
    _ names: Set<String>, _ mode: jack_latency_callback_mode_t, _ direction: JackPortFlags
  ) -> Int {
    names.reduce(0) { most, name in
      guard let port = unsafe jack_port_by_name(handle, name),
        unsafe jack_port_flags(port) & Int32(direction.rawValue) != 0
      else { return most }
      return unsafe max(most, latency(port, mode).most)
    }
  }

  private func latency(
    _ port: OpaquePointer, _ mode: jack_latency_callback_mode_t
  ) -> LatencyRange {
    var range = jack_latency_range_t(min: 0, max: 0)
    unsafe jack_port_get_latency_range(port, mode, &range)
    return LatencyRange(least: Int(range.min), most: Int(range.max))
  }

  private static func take(_ names: UnsafeMutablePointer<UnsafePointer<CChar>?>?) -> [String] {
    guard let names = unsafe names else { return [] }
    var found: [String] = []
    var index = 0
    while let name = unsafe names[index] {
      unsafe found.append(String(cString: name))
      index += 1
    }
    unsafe jack_free(names)
    return found
  }
}
