// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

/// Drum grooves for a General MIDI kit: a pocket, a broken groove, a half-time ride, four on the floor,
/// a jazz ride, and a clave.
///
/// The kick leans towards where the bass strikes; ghost notes lie round the back beat; every fourth
/// bar leads on with a fill.
struct DrumWriter {
  /// The manners.
  enum Manner: Hashable, Sendable, CaseIterable {
    case pocket, broken, ride, floor, jazz, clave
  }

  private enum Key {
    static let kick = 36
    static let snare = 38
    static let rim = 37
    static let pedalHat = 44
    static let closedHat = 42
    static let openHat = 46
    static let ride = 51
    static let bell = 53
    static let crash = 49
    static let toms = [50, 47, 45, 43]
  }

  let ground: Ground
  var random: SeededRandom

  /// The manners, the one the words ask for first.
  static func manners(for ground: Ground) -> [Manner] {
    let intent = ground.intent
    if intent[.floor] > 0 { return [.floor, .pocket, .broken] }
    if intent[.latin] > 0 { return [.clave, .pocket, .broken] }
    if intent[.walking] > 0 { return [.jazz, .ride, .pocket] }
    if intent.wantsGroove { return [.broken, .pocket, .ride, .clave, .floor] }
    if ground.swing.feel == .swung { return [.jazz, .pocket, .ride, .broken, .clave] }
    return [.pocket, .broken, .ride, .floor, .clave, .jazz]
  }

  mutating func line(_ manner: Manner) -> Line {
    let core = manner == .pocket ? sourceCore() : nil
    var drafts: [Draft] = []
    let kicks = kickPlaces(manner)
    for bar in 0..<ground.bars {
      let start = bar * ground.stepsPerBar
      let last = bar == ground.bars - 1 || bar % 4 == 3
      if let core, !core[bar].isEmpty {
        drafts += ground.intent.wantsGroove ? pushed(core[bar], from: start) : core[bar]
      } else {
        for place in kicks {
          drafts.append(hit(Key.kick, start + place, accent: place == 0 ? 10 : 2))
        }
        drafts += backs(manner, bar: bar)
      }
      drafts += cymbals(manner, start: start)
      drafts += ghosts(manner, start: start, taken: drafts)
      if last, ground.grid.pulses.count > 1 { drafts = fill(drafts, start: start) }
    }
    if ground.bars >= 4 {
      // The hand that strikes the crash is not on the hat.
      drafts.removeAll {
        $0.step == 0 && [Key.closedHat, Key.openHat, Key.ride, Key.bell].contains($0.pitch)
      }
      drafts.append(hit(Key.crash, 0, accent: 14))
    }
    return Line(
      name: Self.name(manner),
      describe: { [self] _ in describe(manner, kept: core != nil) }, drafts: drafts,
      monophonic: false)
  }

  private static func name(_ manner: Manner) -> String {
    switch manner {
    case .pocket: "pocket"
    case .broken: "broken sixteenths"
    case .ride: "half-time ride"
    case .floor: "four on the floor"
    case .jazz: "jazz ride"
    case .clave: "clave"
    }
  }

  private func describe(_ manner: Manner, kept: Bool) -> String {
    let fill = "a fill into every fourth bar"
    switch manner {
    case .pocket:
      return core(kept)
        + ", eighths on the hat, ghost notes on the snare, \(fill)"
    case .broken:
      return "The kick broken up round a firm back beat, sixteenths on the hat with open off-beats,"
        + " \(fill)"
    case .ride: return "The back beat at half speed, the ride instead of the hat, \(fill)"
    case .floor: return "The kick on every beat, open hats between, \(fill)"
    case .jazz:
      return "The ride in the swing pattern, the hat by foot on the back beats, the snare in"
        + " between, \(fill)"
    case .clave: return "A clave on the rim over a kick that comes early, \(fill)"
    }
  }

  private func core(_ kept: Bool) -> String {
    guard kept else { return "A steady back beat" }
    return ground.intent.wantsGroove
      ? "Your own snare, your kick pushed ahead of the beat" : "Your own kick and snare kept"
  }

  private func hit(_ key: Int, _ step: Int, accent: Int = 0, ghost: Bool = false) -> Draft {
    Draft(step: step, length: 1, pitch: key, purpose: ghost ? .ghost : .tone, accent: accent)
  }

  /// The musician's kick and snare, bar by bar; nil when the source is no kit.
  private func sourceCore() -> [[Draft]]? {
    var bars = [[Draft]](repeating: [], count: ground.bars)
    for (step, note) in ground.source where step >= 0 && step < ground.steps {
      let key = Int(note.pitch)
      guard [35, 36, 37, 38, 39, 40].contains(key) else { continue }
      var draft = hit(key, step)
      draft.accent = Int(note.velocity) - ground.sourceVelocity
      bars[step / ground.stepsPerBar].append(draft)
    }
    return bars.contains { !$0.isEmpty } ? bars : nil
  }

  /// The kicks on beats inside the bar an eighth ahead, unless a snare stands on that beat too.
  private func pushed(_ core: [Draft], from start: Int) -> [Draft] {
    let snares = Set(core.filter { $0.pitch > Key.kick }.map(\.step))
    let kicks = Set(core.filter { $0.pitch <= Key.kick }.map(\.step))
    return core.map { draft in
      let place = draft.step - start
      guard draft.pitch <= Key.kick, place >= 2, ground.grid.isPulse(step: place),
        !snares.contains(draft.step), !kicks.contains(draft.step - 2)
      else { return draft }
      var moved = draft
      moved.step -= 2
      return moved
    }
  }

  /// Every second pulse; the last of three; the middle group of 2+2+3; half as often in half time.
  private func backbeat(_ manner: Manner) -> [Int] {
    let pulses = ground.grid.pulses.map(\.lowerBound)
    guard pulses.count > 1 else { return [] }
    guard manner != .ride else { return [pulses[pulses.count / 2]] }
    if pulses.count == 3 { return [ground.grid.meter.beatUnit == 4 ? pulses[2] : pulses[1]] }
    return stride(from: 1, to: pulses.count, by: 2).map { pulses[$0] }
  }

  /// The back beat; by foot on the hat in jazz, and a clave on the rim in its place.
  private func backs(_ manner: Manner, bar: Int) -> [Draft] {
    let start = bar * ground.stepsPerBar
    switch manner {
    case .jazz: return backbeat(manner).map { hit(Key.pedalHat, start + $0, accent: 2) }
    case .clave: return clave(bar: bar).map { hit(Key.rim, $0, accent: 6) }
    default: return backbeat(manner).map { hit(Key.snare, start + $0, accent: 12) }
    }
  }

  /// Five strokes over two bars of sixteen steps, in other metres as many in proportion, as even as can be.
  ///
  /// Toussaint, "The Euclidean Algorithm Generates Traditional Musical Rhythms" (2005): E(5,16) turned
  /// is the bossa nova's clave.
  private func clave(bar: Int) -> [Int] {
    let eighths = max(1, ground.stepsPerBar)
    let strokes = max(2, (eighths * 5 + 8) / 16)
    let start = bar * ground.stepsPerBar
    let places = (0..<strokes).map { (index: Int) -> Int in
      let even = Double(index * eighths) / Double(strokes)
      let eighth = Int((even / 2).rounded(.up)) * 2
      return eighth < eighths ? eighth : eighths - 1
    }
    // The second bar of a clave begins off the beat.
    let late = bar % 2 == 1 && eighths > 4 ? 2 : 0
    return Set(places.map { start + ($0 + late) % eighths }).sorted()
  }

  private mutating func kickPlaces(_ manner: Manner) -> [Int] {
    let back = backbeat(manner)
    if manner == .floor { return ground.grid.pulses.map(\.lowerBound) }
    if manner == .clave {
      let early = ground.grid.strongSteps.dropFirst() + [ground.stepsPerBar]
      return Set([0] + early.map { $0 - 2 } + ground.grid.strongSteps).filter { $0 >= 0 }.sorted()
    }
    var places = [0]
    let bass = Set(ground.bassSteps.map { $0 % ground.stepsPerBar })
    let weak = (1..<max(2, ground.stepsPerBar)).filter { step in
      step < ground.stepsPerBar && !back.contains(step)
        && ground.grid.weight(ofStep: step) >= (manner == .broken ? -4 : -3)
    }
    if manner != .broken {
      places += ground.grid.strongSteps.filter { $0 != 0 && !back.contains($0) }
    }
    let lean = ground.intent.wantsGroove ? 1 : 0
    let extra = (manner == .broken ? 2 + max(0, Int(ground.intent[.density])) : 1) + lean
    for _ in 0..<extra {
      let offBeat = weak.filter { !ground.grid.isPulse(step: $0) && !places.contains($0) }
      // A kick before a beat that stays silent is what pulls; before a back beat it only fills.
      let place = random.pick(offBeat) { step in
        let next = ground.grid.pulses.first { $0.lowerBound > step }?.lowerBound
        let silent = next.map { !back.contains($0) && !places.contains($0) } ?? false
        return (silent ? 2 + 6 * lean : 2) + (bass.contains(step) ? 5 : 0)
      }
      if let place { places.append(place) }
    }
    return Array(Set(places)).sorted()
  }

  private mutating func cymbals(_ manner: Manner, start: Int) -> [Draft] {
    if manner == .jazz { return swingRide(start: start) }
    if manner == .floor {
      return ground.grid.pulses.filter { $0.count > 1 }.map {
        hit(Key.openHat, start + $0.lowerBound + $0.count / 2, accent: 2)
      }
    }
    let eighth = max(1, min(2, ground.stepsPerBar))
    let sparse = ground.intent[.density] < 0
    let every = manner == .broken ? (sparse ? 2 * eighth : 1) : eighth
    var drafts: [Draft] = []
    for place in stride(from: 0, to: ground.stepsPerBar, by: every) {
      let pulse = ground.grid.isPulse(step: place)
      let upbeat = !pulse && place % 2 == 0
      var key = manner == .ride ? Key.ride : Key.closedHat
      if manner == .ride, pulse, place == 0 { key = Key.bell }
      if manner == .broken, upbeat, random.chance(18) { key = Key.openHat }
      drafts.append(hit(key, start + place, accent: pulse ? 4 : (upbeat ? -8 : -18)))
    }
    return drafts
  }

  /// The ride on every beat, and the skipped note before every second one.
  private func swingRide(start: Int) -> [Draft] {
    ground.grid.pulses.enumerated().flatMap { index, pulse -> [Draft] in
      let beat = hit(Key.ride, start + pulse.lowerBound, accent: index % 2 == 1 ? 6 : 0)
      guard index % 2 == 1 || ground.grid.pulses.count == 1, pulse.count > 1 else { return [beat] }
      let skip = pulse.count == 4 ? 2 : pulse.count - 2
      return [beat, hit(Key.ride, start + pulse.lowerBound + max(1, skip), accent: -8)]
    }
  }

  private mutating func ghosts(_ manner: Manner, start: Int, taken: [Draft]) -> [Draft] {
    guard ground.intent[.density] >= 0, ground.grid.step.quarters >= 0.25 else { return [] }
    let snares = Set(taken.filter { (37...40).contains($0.pitch) }.map(\.step))
    guard manner != .clave else { return [] }
    let often = (manner == .ride ? 8 : 18) + Int(max(0, ground.intent[.ghosts]) * 20)
    return (0..<ground.stepsPerBar).compactMap { place in
      let step = start + place
      guard place % 2 == 1, !snares.contains(step), !snares.contains(step - 1),
        random.chance(often)
      else { return nil }
      return hit(Key.snare, step, ghost: true)
    }
  }

  /// The bar's last pulse given to snare and toms, downwards; the hat makes room.
  private mutating func fill(_ drafts: [Draft], start: Int) -> [Draft] {
    guard let last = ground.grid.pulses.last else { return drafts }
    let from = start + last.lowerBound
    var kept = drafts.filter { $0.step < from || $0.pitch == Key.kick }
    let keys = [Key.snare] + Key.toms
    let skip = random.below(3)
    for (index, step) in (from..<(start + last.upperBound)).enumerated() where index != skip + 1 {
      let key = keys[min(index * keys.count / max(1, last.count), keys.count - 1)]
      kept.append(hit(key, step, accent: 2 + index * 3))
    }
    return kept
  }
}
