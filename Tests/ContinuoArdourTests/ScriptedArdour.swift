// SPDX-License-Identifier: MIT
import ContinuoOSC
import Synchronization

/// A double for Ardour's OSC that does only what it is told to: for what the real one cannot be
/// made to do. What it answers was recorded from Ardour 7.3; that it is right, the integration
/// tests with the real one prove.
final class ScriptedArdour: Sendable {
  struct Behaviour: Sendable {
    /// Commands that change nothing, as if they had been lost.
    var ignores: Set<String> = []
    /// Questions that get no answer.
    var silentOn: Set<String> = []
    /// Commands that are lost the first time alone.
    var losesOnce: Set<String> = []
    /// Name of the track after it was armed, as if somebody had moved the strips.
    var renamesOnArm: String?
    var isDead = false
  }

  private struct State {
    var behaviour = Behaviour()
    var speed = 0.0
    var frame = 0
    var recordsGlobally = false
    var armed = false
    var trackName = "Bass"
    var heard: [String: Int] = [:]
  }

  let port: UInt16
  private let socket: OSCSocket
  private let state = Mutex(State())

  init(_ behaviour: Behaviour = Behaviour()) throws {
    let socket = try OSCSocket()
    self.socket = socket
    port = socket.port
    state.withLock { $0.behaviour = behaviour }
    Task { [weak self] in
      for await received in socket.messages {
        self?.answer(received.message, to: received.port)
      }
    }
  }

  deinit { socket.close() }

  func behave(_ change: @Sendable (inout Behaviour) -> Void) {
    state.withLock { change(&$0.behaviour) }
  }

  /// How often `address` came.
  func count(_ address: String) -> Int { state.withLock { $0.heard[address] ?? 0 } }

  /// Says something nobody asked for.
  func say(_ message: OSCMessage, to port: UInt16) { try? socket.send(message, to: port) }

  /// The port of the client that subscribed last.
  var clientPort: UInt16 { subscriber.withLock { $0 } }
  private let subscriber = Mutex<UInt16>(0)

  private func answer(_ message: OSCMessage, to port: UInt16) {
    let answers = state.withLock { state -> [OSCMessage] in
      state.heard[message.address, default: 0] += 1
      guard !state.behaviour.isDead, !state.behaviour.silentOn.contains(message.address) else {
        return []
      }
      let isLost =
        state.behaviour.ignores.contains(message.address)
        || state.behaviour.losesOnce.remove(message.address) != nil
      return isLost ? [] : Self.react(to: message, &state)
    }
    if message.address == "/set_surface", !message.arguments.isEmpty {
      subscriber.withLock { $0 = port }
    }
    for answer in answers { say(answer, to: port) }
  }

  private static func react(to message: OSCMessage, _ state: inout State) -> [OSCMessage] {
    let numbers = message.arguments.compactMap(\.integer)
    switch message.address {
    case "/set_surface" where message.arguments.isEmpty:
      return [OSCMessage("/set_surface", [0, 159, 0, 0, 0, 0, 0, 1, 0].map { .int32($0) })]
    case "/set_surface": return [OSCMessage("/session_name", [.string("double")])]
    case "/strip/list":
      return [
        OSCMessage(
          "/reply",
          [.string("MT"), .string(state.trackName)] + [0, 0, 0, 0, 1].map { .int32($0) }
            + [.int32(state.armed ? 1 : 0)]),
        OSCMessage(
          "/reply", [.string("end_route_list"), .int64(48_000), .int64(0), .int32(0)]),
      ]
    case "/strip":
      return [
        OSCMessage(
          "/strip",
          [.int32(1), .string("MT"), .string(state.trackName)] + [0, 0, 0, 0].map { .int32($0) }
            + [.int32(state.armed ? 1 : 0)])
      ]
    case "/strip/recenable":
      state.armed = numbers.last == 1
      if let name = state.behaviour.renamesOnArm { state.trackName = name }
    case "/transport_play": state.speed = 1
    case "/transport_stop": (state.speed, state.recordsGlobally) = (0, false)
    case "/locate": state.frame = numbers.first ?? 0
    case "/rec_enable_toggle": state.recordsGlobally.toggle()
    case "/transport_speed": return [OSCMessage("/transport_speed", [.double(state.speed)])]
    case "/transport_frame":
      return [OSCMessage("/transport_frame", [.int64(Int64(state.frame))])]
    case "/record_enabled":
      return [OSCMessage("/record_enabled", [.int32(state.recordsGlobally ? 1 : 0)])]
    case "/save_state": return [OSCMessage("/session_name", [.string("double")])]
    default: break
    }
    return []
  }
}
