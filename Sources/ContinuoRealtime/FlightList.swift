// SPDX-License-Identifier: MIT
internal import ContinuoRings

/// The pattern's notes that sound, each with the place in the song where it ends; soonest first.
///
/// Runs on the JACK process thread. Holds up to 256; adding and taking is linear in them.
@safe
struct FlightList {
  /// A note that sounds and where it ends.
  struct Flight: BitwiseCopyable {
    var end: Double
    var key: Int32
    var release: UInt8
    /// From a pattern revised or replaced since: the key's next note-on ends it first.
    var isOrphan: Bool

    @_noLocks @_noAllocation
    init(end: Double, key: Int32, release: UInt8) {
      self.end = end
      self.key = key
      self.release = release
      isOrphan = false
    }
  }

  private let flights: FixedBuffer<Flight>
  private(set) var count = 0

  /// Set-up thread.
  init() {
    flights = FixedBuffer(count: 256, repeating: Flight(end: 0, key: 0, release: 64))
  }

  func deallocate() { flights.deallocate() }

  var isFull: Bool {
    @_noLocks @_noAllocation get { count >= flights.count }
  }

  /// The flight at `place`, 0..<count; the first ends soonest.
  subscript(place: Int) -> Flight {
    @_noLocks @_noAllocation get { flights[place] }
  }

  @_noLocks @_noAllocation
  mutating func removeAll() { count = 0 }

  /// Adds a note; only while not full. At a tie the one that began first ends first.
  @_noLocks @_noAllocation
  mutating func launch(end: Double, key: Int, release: UInt8) {
    let flight = Flight(end: end, key: Int32(truncatingIfNeeded: key), release: release)
    var place = count
    while place > 0, flights[place &- 1].end > end {
      flights[place] = flights[place &- 1]
      place &-= 1
    }
    flights[place] = flight
    count &+= 1
  }

  @_noLocks @_noAllocation
  mutating func remove(_ place: Int) {
    var next = place &+ 1
    while next < count {
      flights[next &- 1] = flights[next]
      next &+= 1
    }
    count &-= 1
  }

  /// Marks every note as one whose pattern is no longer there.
  @_noLocks @_noAllocation
  mutating func orphanAll() {
    for place in 0..<count {
      var flight = flights[place]
      flight.isOrphan = true
      flights[place] = flight
    }
  }
}
