// SPDX-License-Identifier: MIT
internal import ContinuoAnalysis
internal import ContinuoMusic
internal import ContinuoRealtime

/// What the followed tracks are doing, heard on from where it was last asked for.
///
/// Time is the song's, unrolled: after a jump or a loop's end it goes on at the next place with the
/// same distance from its bar line, so that what was heard lately counts in the order it was heard.
/// Another metre, and other followed tracks, begin anew.
struct LiveHearing {
  /// Further behind than this many events, only the newest are heard.
  static let mostBehind = 100_000
  /// Ticks a quarter is counted in.
  static let ppq = 960

  /// What belongs to one beginning.
  struct Ground: Equatable {
    /// Followed inputs, in the order of the analysis' tracks.
    var inputs: [Int]
    /// Their tracks' names.
    var names: [String]
    var meter: Meter
    /// Where bar lines lie: ticks from bar 1 to one of them, less than a bar.
    var barLine: Int

    init(followed: [(input: Int, name: String)], meter: Meter, barStart: Double) {
      inputs = followed.map(\.input)
      names = followed.map(\.name)
      self.meter = meter
      let bar = LiveHearing.tick(meter.barLength.quarters)
      let line = LiveHearing.tick(barStart) % bar
      barLine = line < 0 ? line + bar : line
    }

    var barTicks: Int { LiveHearing.tick(meter.barLength.quarters) }

    /// The bar line at or before `tick`.
    func barLine(before tick: Int) -> Int {
      let within = (tick - barLine) % barTicks
      return tick - (within < 0 ? within + barTicks : within)
    }
  }

  private var analysis: LiveAnalysis
  private let ground: Ground
  /// The store's next event and record.
  private var nextEvent: Int
  private var nextMark: Int
  /// Ticks that the analysis is ahead of the song; nil until the song rolled in a known place.
  private var ahead: Int?
  /// The place in the analysis of the last jump; nil without one.
  private var jumped: Int?
  private var rolls = false

  /// Begins where the present metre began, `mostBehind` events before the newest at most.
  init(_ ground: Ground, _ store: TakeStore) {
    self.ground = ground
    analysis = LiveAnalysis(
      names: ground.names, meter: ground.meter, origin: ground.barLine(before: 0))
    let past = store.news(fromEvent: .max, fromMark: 0)
    let meter = past.marks.last { $0.kind == .meterChanged }
    let first = max(past.firstEvent - Self.mostBehind, meter?.index ?? 0, 0)
    nextEvent = first
    let heard = past.marks.prefix { $0.index < first }
    nextMark = past.marksTaken - past.marks.count + heard.count
    let last = heard.last {
      [.transportStarted, .transportStopped, .serverRestarted].contains($0.kind)
    }
    rolls = last?.kind == .transportStarted
  }

  /// Whether the song rolled in a known place.
  var hasBegun: Bool { ahead != nil }

  /// Hears what came since, and that the song rolls at `quarters` now, if it does.
  ///
  /// False when the metre changed or `ground` is another: a new value is to be made.
  mutating func hear(_ store: TakeStore, on ground: Ground, rollingAt quarters: Double?) -> Bool {
    let news = store.news(fromEvent: nextEvent, fromMark: nextMark)
    guard ground == self.ground,
      !news.marks.contains(where: { $0.kind == .meterChanged && $0.index > nextEvent })
    else { return false }
    var waiting = news.marks[...]
    var number = news.firstEvent
    for event in news.events {
      while let mark = waiting.first, mark.index <= number {
        heed(mark)
        waiting.removeFirst()
      }
      hear(event)
      number += 1
    }
    for mark in waiting { heed(mark) }
    nextEvent = number
    nextMark = news.marksTaken
    if rolls, let quarters { advance(to: quarters) }
    return true
  }

  /// Bars heard, and the tick of the song where the first begins; nil where the song jumped since.
  var bars: (count: Int, first: Int?) {
    let reached = max(analysis.now - analysis.origin, 1)
    let count = (reached + ground.barTicks - 1) / ground.barTicks
    guard let ahead, jumped ?? .min <= analysis.origin else { return (count, nil) }
    return (count, analysis.origin - ahead)
  }

  /// Where the facts' beginning would lie in the song by the way it rolls now, and since where it has
  /// rolled without a jump; both in quarters from bar 1.
  var place: (start: Double, since: Double)? {
    guard let ahead else { return nil }
    let origin = analysis.origin
    func quarters(_ tick: Int) -> Double { Double(tick - ahead) / Double(Self.ppq) }
    return (quarters(origin), quarters(max(jumped ?? origin, origin)))
  }

  /// The facts about what is kept of it, at the tempo that rolls now.
  mutating func context(tempo: Tempo?) -> MusicContext {
    analysis.tempo = tempo
    return analysis.context()
  }

  /// What sounds now, or sounded last.
  mutating func reading() -> LiveAnalysis.Reading { analysis.reading() }

  /// What is kept of it, track by track.
  var patterns: [Pattern] { analysis.patterns }

  private mutating func hear(_ event: Take.Event) {
    guard let place = event.position?.quarters.quarters, event.rolling,
      let track = ground.inputs.firstIndex(of: event.port), (2...3).contains(event.bytes.count),
      let message = ChannelMessage(
        event.bytes[0], event.bytes[1], event.bytes.count > 2 ? event.bytes[2] : 0)
    else { return }
    if !rolls || ahead == nil { begin(at: place) }
    analysis.hear(message, track: track, at: Self.tick(place) + (ahead ?? 0))
  }

  private mutating func heed(_ mark: TakeStore.Mark) {
    switch mark.kind {
    case .transportStarted:
      if let place = mark.quarters { begin(at: place) }
    case .located, .loopWrapped:
      guard rolls, let place = mark.quarters else { return }
      endNotes(at: mark.value)
      begin(at: place)
    case .transportStopped, .serverRestarted:
      endNotes(at: mark.quarters)
      rolls = false
    default: return
    }
  }

  /// What sounded when the song left `place` will not be ended where it began.
  private mutating func endNotes(at place: Double?) {
    if rolls, let place { advance(to: place) }
    for track in ground.inputs.indices { analysis.end(track: track, at: analysis.now) }
  }

  /// Time has come to `place`; one beyond all that is kept is no place that was come to by rolling.
  private mutating func advance(to place: Double) {
    guard let ahead else { return }
    let tick = Self.tick(place) + ahead
    guard tick - analysis.now < analysis.keptBars * ground.barTicks else { return }
    analysis.advance(to: tick)
  }

  /// The song rolls on from `place`, in quarters from bar 1.
  private mutating func begin(at place: Double) {
    rolls = true
    let tick = Self.tick(place)
    let line = ground.barLine(before: tick)
    guard let before = ahead else {
      analysis = LiveAnalysis(names: ground.names, meter: ground.meter, origin: line)
      ahead = 0
      return
    }
    // A stop and a start in one place are no jump.
    guard abs(tick + before - analysis.now) > analysis.ticksPerQuarter / 8 else { return }
    // Bar lines of what was heard are whole bars from its origin.
    let reached = analysis.now - analysis.origin
    var next = reached / ground.barTicks * ground.barTicks + (tick - line)
    if next < reached { next += ground.barTicks }
    ahead = analysis.origin + next - tick
    jumped = analysis.origin + next
  }

  private static func tick(_ quarters: Double) -> Int {
    let ticks = (quarters * Double(ppq)).rounded()
    return abs(ticks) < Double(LiveAnalysis.furthestTick) ? Int(ticks) : 0
  }
}
