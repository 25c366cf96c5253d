// SPDX-License-Identifier: MIT
public import ContinuoJack
internal import ContinuoMusic
internal import ContinuoRealtime
internal import Dispatch

/// The connections that are wanted, and that are put back whenever both their ports are there.
extension RealtimeHost {
  /// Connects two ports now and whenever both are there again.
  /// - Throws: `JackError.noSuchPort` with the near names when one is missing now.
  public func keepConnected(_ wire: Wire) throws(JackError) {
    let result: Result<Void, JackError> = queue.sync {
      guard let client else { return .failure(.closed) }
      for (name, direction) in [(wire.from, PortDirection.outputs), (wire.to, .inputs)]
      where !client.hasPort(name) {
        let near = NearNames.near(name, among: client.midiPorts(direction))
        return .failure(.noSuchPort(name, near: near))
      }
      do throws(JackError) {
        try client.connect(wire.from, wire.to)
      } catch {
        return .failure(error)
      }
      if !wires.contains(wire) { wires.append(wire) }
      standing.insert(wire)
      return .success(())
    }
    try result.get()
  }

  /// Connects two ports as soon as both are there, which may be now, and whenever they are again.
  public func keepConnectedOnceThere(_ wire: Wire) {
    queue.sync {
      if !wires.contains(wire) { wires.append(wire) }
      wiresChanged = true
    }
  }

  /// Whether the two ports are connected, by whomever.
  func isMade(_ wire: Wire) -> Bool {
    withClient { $0.connections(of: wire.from).contains(wire.to) } ?? false
  }

  /// No longer remakes a connection, and leaves it as it is.
  func noLongerKeep(_ wire: Wire) {
    queue.sync {
      wires.removeAll { $0 == wire }
      standing.remove(wire)
      parting.remove(wire)
    }
  }

  /// Parts two ports and no longer remakes the connection.
  ///
  /// What sounds is not silenced here.
  public func letGo(_ wire: Wire) {
    queue.sync {
      wires.removeAll { $0 == wire }
      if standing.remove(wire) != nil, !hasClosed { _ = engine.send(.endThru) }
      parting.remove(wire)
      // Parted already, or the server gone: both are what was wanted.
      try? client?.disconnect(wire.from, wire.to)
    }
  }
}

extension RealtimeHost {
  /// What hears our output `port`, now or once it is there: connections made by hand and ours.
  func wantedListeners(of port: String) -> Set<String> {
    let made = Set(status.output.connections)
    return queue.sync { made.union(wires.filter { $0.from == port }.map(\.to)) }
  }
}

/// On `queue` alone.
extension RealtimeHost {
  /// A port keeps its connections under its new name, so our wires take that name too.
  func rename(_ old: String, _ new: String) {
    func now(_ wire: Wire) -> Wire {
      Wire(from: wire.from == old ? new : wire.from, to: wire.to == old ? new : wire.to)
    }
    wires = wires.map(now)
    standing = Set(standing.map(now))
    parting = Set(parting.map(now))
    loops.rename(now)
    renamed?(old, new)
  }

  private func isSettling(_ wire: Wire) -> Bool {
    [wire.from, wire.to].contains { name in
      returned[name].map { $0 + settling > .now() } ?? false
    }
  }

  /// A wire that somebody parts while both its ports live was parted by hand: it is let go.
  func changed(_ wire: Wire, _ exists: Bool) {
    if exists {
      if wires.contains(wire) { standing.insert(wire) }
      return
    }
    guard standing.remove(wire) != nil, wires.contains(wire) else { return }
    // Its note-offs will not come any more.
    _ = engine.send(.endThru)
    parting.insert(wire)
    let isLoading = isSettling(wire) && forgiven.insert(wire).inserted
    // A program that ends parts its ports first and takes them away later, on a busy machine seconds
    // later. Until that is known the wire is left as it is.
    let wait = isLoading ? 0.2 : patience
    queue.asyncAfter(deadline: .now() + wait) { [weak self] in
      guard let self, !hasClosed, parting.remove(wire) != nil else { return }
      guard let client, wires.contains(wire), !standing.contains(wire) else { return }
      if client.hasPort(wire.from), client.hasPort(wire.to), !isLoading {
        wires.removeAll { $0 == wire }
        notice("\(wire.from) was disconnected from \(wire.to) by hand and is left so")
      } else {
        wiresChanged = true
      }
    }
  }

  func mend() {
    wiresChanged = false
    guard let client else { return }
    for wire in wires where !parting.contains(wire) {
      guard client.hasPort(wire.from), client.hasPort(wire.to) else { continue }
      // Asked of JACK: a port that left may have taken its name, and with it the word of it, along.
      guard !client.connections(of: wire.from).contains(wire.to) else {
        standing.insert(wire)
        continue
      }
      do {
        try client.connect(wire.from, wire.to)
        standing.insert(wire)
      } catch {
        notice("\(error)")
      }
    }
  }
}
