// SPDX-License-Identifier: MIT
internal import ContinuoArdour
internal import ContinuoJack
internal import ContinuoRealtime
internal import Foundation

extension LiveSession {
  /// Listens to Ardour's MIDI Clock, now or as soon as its port is there, unless `saved` follows JACK
  /// and needs none.
  ///
  /// Ardour has the port whether or not it sends (Preferences > MIDI). It is connected once: a hand
  /// that parts the two ports is respected, as with every wire.
  func heedClock(of saved: SessionFile?) {
    if let saved { heedTimebase(isArdour: saved.isTimebaseMaster && host.currentOwnTempo == nil) }
    if saved?.followsExternalClock == true {
      if let wire = clockWire { host.letGo(wire) }
      clockWire = nil
    } else if clockWire == nil {
      let suffix = ":MIDI Clock out"
      let there = host.midiPorts(.outputs).first {
        $0.hasPrefix(ArdourPort.standardClient) && $0.hasSuffix(suffix)
      }
      let wire = RealtimeHost.Wire(
        from: there ?? "\(ArdourPort.standardClient)\(suffix)",
        to: "\(settings.name):clock")
      clockWire = wire
      host.send(.songPositions(countClocks: true))
      host.keepConnectedOnceThere(wire)
    }
  }

  /// Tells the core how Ardour counts, which JACK does not: without it its rounded ticks are taken for
  /// truncated ones, half a tick off, where its line does not go through the transport's frame 0.
  func heedTimebase(isArdour: Bool) {
    guard isArdour != timebaseIsArdour else { return }
    timebaseIsArdour = isArdour
    host.send(.timebase(isArdour ? .ardour : .unknown))
  }

  /// Throws unless Ardour's MIDI Clock comes in, or will once Ardour rolls.
  func needArdourClock() throws {
    let port = "\(settings.name):clock"
    guard host.withClient({ !$0.connections(of: port).isEmpty }) == true else {
      throw CommandFailure(
        .failed,
        "Ardour runs on its own clock, and its MIDI Clock port is not connected to \(port): "
          + "connect them, or let Ardour follow JACK (Transport > Transport Masters)")
    }
    guard host.snapshot().clocks == 0 else { return }
    let configuration = ArdourFolders(environment: ProcessInfo.processInfo.environment)?.newest?
      .appendingPathComponent("config")
    guard let configuration, ArdourSettings.sendsMIDIClock(configuration) else {
      throw CommandFailure(
        .failed,
        "Ardour runs on its own clock, and none of its MIDI Clock was heard yet: switch on "
          + "Preferences > MIDI > Send MIDI Clock and play a bar, or let Ardour follow JACK "
          + "(Transport > Transport Masters)")
    }
  }
}
