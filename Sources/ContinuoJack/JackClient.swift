// SPDX-License-Identifier: MIT
internal import CJack
internal import CRealtime
public import ContinuoRealtime
internal import ContinuoRings
internal import Foundation
internal import Synchronization

/// One client of a JACK server: K MIDI inputs, one MIDI output, and the engine's callback.
///
/// Life: `open` (registers, activates) → use → `close()`. After a `shutdown` notice only `close()`
/// is left to call; the engine survives and can be given to a new client.
/// - Thread: session, one at a time. Notices arrive on JACK's own thread.
@safe
public final class JackClient: @unchecked Sendable {
  // SAFETY (@unchecked): JACK's calls are thread-safe; `process` is made before activation and
  // freed after deactivation; `isGone` is atomic.

  /// How to open a client.
  public struct Configuration: Sendable, Equatable {
    /// The server's name; nil is the default one.
    public var server: String?
    /// The client's name: exactly this or an error.
    public var name: String
    /// Input ports, 1...64.
    public var inputs: Int
    /// What a patchbay shows for each input; missing ones get "MIDI in N".
    public var inputTitles: [String]
    /// Whether there is a port "clock" too, for MIDI Clock as a song source.
    public var hasClock: Bool
    /// Whether there is a port "control" too, heard as the input after the last; it never goes out.
    public var hasControl: Bool

    /// A client `name` with `inputs` input ports.
    public init(
      server: String?, name: String, inputs: Int, inputTitles: [String] = [],
      hasClock: Bool = false, hasControl: Bool = false
    ) {
      self.hasControl = hasControl
      self.hasClock = hasClock
      self.server = server
      self.name = name
      self.inputs = inputs
      self.inputTitles = inputTitles
    }
  }

  /// As it was opened.
  public let configuration: Configuration
  private let client: OpaquePointer
  private let inputs: [OpaquePointer]
  private let output: OpaquePointer
  private let process: UnsafeMutablePointer<ProcessState>
  private let processContext: UnsafeMutablePointer<continuo_process_context>
  /// What the timebase callback reads, while this client is timebase master.
  let timebase: UnsafeMutablePointer<TimebaseState>
  private let notify: @Sendable (JackNotice) -> Void
  private let isGone = Atomic<Bool>(false)
  private let isClosed = Atomic<Bool>(false)

  /// Opens, registers, activates.
  ///
  /// `notify` is called on JACK's notification thread and must return soon; it must not call JACK.
  /// - Throws: `JackError`; nothing is left behind.
  public static func open(
    _ configuration: Configuration, engine: RealtimeEngine,
    notify: @escaping @Sendable (JackNotice) -> Void
  ) throws(JackError) -> JackClient {
    try check(configuration)
    JackMessages.keepQuiet()
    var status = JackStatus(rawValue: 0)
    let options = JackOptions(JackNoStartServer.rawValue | JackUseExactName.rawValue)
    guard
      let client = unsafe continuo_jack_open(
        configuration.name, options, &status, configuration.server)
    else {
      throw JackRefusal.error(status, name: configuration.name, server: configuration.server)
    }
    let me: JackClient
    do {
      me = unsafe try join(client, configuration, engine, notify)
    } catch {
      unsafe jack_client_close(client)
      throw error
    }
    guard unsafe jack_activate(client) == 0 else {
      me.close()
      throw .notActivated(configuration.name)
    }
    me.name()
    return me
  }

  /// Registers the ports and tells the server what to call.
  private static func join(
    _ client: OpaquePointer, _ configuration: Configuration, _ engine: RealtimeEngine,
    _ notify: @escaping @Sendable (JackNotice) -> Void
  ) throws(JackError) -> JackClient {
    var ports: [OpaquePointer] = unsafe []
    for number in 1...configuration.inputs {
      unsafe ports.append(try register(client, "in_\(number)", JackPortIsInput))
    }
    if configuration.hasControl {
      unsafe ports.append(try register(client, "control", JackPortIsInput))
    }
    let output = unsafe try register(client, "out", JackPortIsOutput)
    let clock =
      unsafe configuration.hasClock ? try register(client, "clock", JackPortIsInput) : nil
    let process = UnsafeMutablePointer<ProcessState>.allocate(capacity: 1)
    unsafe process.initialize(
      to: ProcessState(
        client: client, inputs: ports, output: output, clock: clock,
        engine: engine.context,
        sampleRate: Double(jack_get_sample_rate(client))))
    let context = UnsafeMutablePointer<continuo_process_context>.allocate(capacity: 1)
    unsafe context.initialize(
      to: continuo_process_context(
        cycle: { frames, context in unsafe runJackCycle(frames, context) }, context: process))
    let me = unsafe JackClient(
      client, configuration, ports, output, process, context, notify)
    me.setCallbacks()
    return me
  }

  private init(
    _ client: OpaquePointer, _ configuration: Configuration, _ inputs: [OpaquePointer],
    _ output: OpaquePointer, _ process: UnsafeMutablePointer<ProcessState>,
    _ processContext: UnsafeMutablePointer<continuo_process_context>,
    _ notify: @escaping @Sendable (JackNotice) -> Void
  ) {
    unsafe self.client = client
    self.configuration = configuration
    unsafe self.inputs = inputs
    unsafe self.output = output
    unsafe self.process = process
    self.notify = notify
    unsafe self.processContext = processContext
    let timebase = UnsafeMutablePointer<TimebaseState>.allocate(capacity: 1)
    unsafe timebase.initialize(to: TimebaseState())
    unsafe self.timebase = timebase
  }

  private static func check(_ configuration: Configuration) throws(JackError) {
    let name = configuration.name
    let limit = Int(jack_client_name_size()) - 1
    guard !name.isEmpty else { throw .badName(name, reason: "it is empty") }
    guard name.utf8.count <= limit else {
      throw .badName(name, reason: "it is longer than \(limit) bytes")
    }
    guard !name.contains(":"), !name.unicodeScalars.contains(where: { $0.value < 32 }) else {
      throw .badName(name, reason: "it holds a colon or a control character")
    }
    guard (1...(configuration.hasControl ? 63 : 64)).contains(configuration.inputs) else {
      throw .badName(
        name, reason: "it would have \(configuration.inputs) inputs; 1 to 64 are possible")
    }
  }

  private static func register(
    _ client: OpaquePointer, _ name: String, _ direction: JackPortFlags
  ) throws(JackError) -> OpaquePointer {
    let flags = UInt(direction.rawValue)
    guard
      let port = unsafe jack_port_register(client, name, continuo_jack_midi_type(), flags, 0)
    else { throw .portRefused(name) }
    return unsafe port
  }

  /// Leaves the server and frees what the process thread used.
  ///
  /// Once; safe after a shutdown.
  public func close() {
    guard !isClosed.exchange(true, ordering: .relaxed) else { return }
    isGone.store(true, ordering: .relaxed)
    unsafe jack_deactivate(client)
    unsafe jack_client_close(client)
    freeProcess()
  }

  /// A client that is let go of leaves first: JACK's callbacks hold its address.
  deinit { close() }

  private func freeProcess() {
    unsafe process.pointee.deallocate()
    unsafe process.deinitialize(count: 1)
    unsafe process.deallocate()
    unsafe processContext.deallocate()
    unsafe timebase.deinitialize(count: 1)
    unsafe timebase.deallocate()
  }

  /// Whether the server has gone since.
  public var isServerGone: Bool { isGone.load(ordering: .relaxed) }

  private func setCallbacks() {
    let me = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe jack_set_process_callback(client, continuo_process, processContext)
    unsafe jack_set_xrun_callback(
      client,
      { context in
        unsafe JackClient.from(context)?.tell(.xrun)
        return 0
      }, me)
    unsafe jack_set_buffer_size_callback(
      client,
      { frames, context in
        unsafe JackClient.from(context)?.tell(.bufferSize(Int(frames)))
        return 0
      }, me)
    unsafe jack_set_sample_rate_callback(
      client,
      { rate, context in
        unsafe JackClient.from(context)?.sampleRateChanged(rate)
        return 0
      }, me)
    unsafe jack_set_freewheel_callback(
      client, { on, context in unsafe JackClient.from(context)?.freewheelChanged(on != 0) }, me)
    unsafe jack_set_port_registration_callback(
      client,
      { port, exists, context in
        unsafe JackClient.from(context)?.portChanged(port, exists != 0)
      }, me)
    unsafe jack_set_port_rename_callback(
      client,
      { _, old, new, context in unsafe JackClient.from(context)?.portRenamed(old, new) }, me)
    unsafe jack_set_port_connect_callback(
      client,
      { first, second, exists, context in
        unsafe JackClient.from(context)?.connectionChanged(first, second, exists != 0)
      }, me)
    unsafe jack_set_latency_callback(
      client, { mode, context in unsafe JackClient.from(context)?.passLatency(mode) }, me)
    unsafe jack_on_info_shutdown(
      client,
      { _, reason, context in
        let words = unsafe reason.map { unsafe String(cString: $0) } ?? "no reason given"
        unsafe JackClient.from(context)?.serverLeft(words)
      }, me)
  }

  /// The client behind a callback's argument: alive until `close()`, which ends all callbacks.
  private static func from(_ context: UnsafeMutableRawPointer?) -> JackClient? {
    unsafe context.map { unsafe Unmanaged<JackClient>.fromOpaque($0).takeUnretainedValue() }
  }

  private func tell(_ notice: JackNotice) { notify(notice) }

  private func serverLeft(_ words: String) {
    isGone.store(true, ordering: .relaxed)
    notify(.shutdown(words))
  }

  private func sampleRateChanged(_ rate: UInt32) {
    unsafe process.pointee.sampleRate.store(Double(rate).bitPattern, ordering: .relaxed)
    notify(.sampleRate(Int(rate)))
  }

  private func freewheelChanged(_ on: Bool) {
    unsafe process.pointee.freewheeling.store(on ? 1 : 0, ordering: .relaxed)
    notify(.freewheel(on))
  }

  private func portChanged(_ id: UInt32, _ exists: Bool) {
    guard let port = unsafe jack_port_by_id(client, id), let name = unsafe jack_port_name(port)
    else { return }
    notify(unsafe .port(String(cString: name), exists: exists))
  }

  private func portRenamed(_ old: UnsafePointer<CChar>?, _ new: UnsafePointer<CChar>?) {
    guard let old = unsafe old, let new = unsafe new else { return }
    notify(unsafe .renamed(from: String(cString: old), to: String(cString: new)))
  }

  private func connectionChanged(_ first: UInt32, _ second: UInt32, _ exists: Bool) {
    guard let from = unsafe jack_port_by_id(client, first),
      let to = unsafe jack_port_by_id(client, second),
      let fromName = unsafe jack_port_name(from), let toName = unsafe jack_port_name(to)
    else { return }
    notify(
      unsafe .connection(
        from: String(cString: fromName), to: String(cString: toName), exists: exists))
  }

  /// What comes in goes out within the cycle, so the output has its inputs' capture latency and
  /// the inputs have their output's playback latency.
  private func passLatency(_ mode: jack_latency_callback_mode_t) {
    var range = jack_latency_range_t(min: 0, max: 0)
    if mode == JackCaptureLatency {
      for index in 0..<configuration.inputs {
        var one = jack_latency_range_t(min: 0, max: 0)
        unsafe jack_port_get_latency_range(inputs[index], mode, &one)
        range.min = index == 0 ? one.min : min(range.min, one.min)
        range.max = max(range.max, one.max)
      }
      unsafe jack_port_set_latency_range(output, mode, &range)
    } else {
      unsafe jack_port_get_latency_range(output, mode, &range)
      for index in 0..<configuration.inputs {
        unsafe jack_port_set_latency_range(inputs[index], mode, &range)
      }
    }
  }

  /// Pretty names and order, for patchbays that show them; a server without metadata goes without.
  private func name() {
    for index in unsafe inputs.indices {
      let title =
        index < configuration.inputTitles.count
        ? configuration.inputTitles[index]
        : index < configuration.inputs ? "MIDI in \(index + 1)" : "Control"
      unsafe describe(inputs[index], title, order: index)
    }
    unsafe describe(output, "Pattern out", order: unsafe inputs.count)
  }

  private func describe(_ port: OpaquePointer, _ title: String, order: Int) {
    let uuid = unsafe jack_port_uuid(port)
    unsafe jack_set_property(
      client, uuid, continuo_jack_pretty_name_key(), title, "text/plain")
    unsafe jack_set_property(
      client, uuid, continuo_jack_order_key(), String(order),
      "http://www.w3.org/2001/XMLSchema#integer")
  }

  /// Shows `title` for input `number` (from 1) in patchbays that show pretty names.
  public func setInputTitle(_ number: Int, _ title: String) {
    guard !isServerGone, unsafe inputs.indices.contains(number - 1) else { return }
    unsafe describe(inputs[number - 1], title, order: number - 1)
  }

  /// For the extensions in this module.
  var handle: OpaquePointer { unsafe client }
  var inputPorts: [OpaquePointer] { unsafe inputs }
  var outputPort: OpaquePointer { unsafe output }
}
