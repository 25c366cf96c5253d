// SPDX-License-Identifier: MIT
import ContinuoMusic

/// Where a take's roll begins and how long it lasts.
extension RunningTake {
  func rollFrame(_ session: SessionFile, _ start: Beats) -> Int {
    if let preRoll = settings.preRoll { return session.frame(at: max(.zero, start - preRoll)) }
    guard case .connected(let capture, let playback) = settings.latency else {
      return session.frame(at: start)
    }
    return max(0, session.frame(at: start) - 4 * (capture + playback))
  }

  /// Where to roll so that Ardour's own clock is known when `bar` begins: whole bars before it.
  func runUp(_ session: SessionFile, to bar: Int) throws(ArdourError) -> Int {
    func frame(_ bar: Int) -> Int { session.frame(at: session.songMap.barStart(bar)) }
    let start = session.songMap.barStart(bar)
    for first in stride(from: bar - 1, through: max(1, bar - 64), by: -1)
    where frame(bar) - frame(first) >= session.sampleRate * 3 / 2
      && start - session.songMap.barStart(first) >= Beats(2)
    {
      return frame(first)
    }
    throw .takeRefused(
      reason: "Ardour runs on its own clock, which takes a second and a half to be found, and "
        + "bar \(bar) begins before; let Ardour follow JACK, or keep it at a later bar")
  }

  /// Frames to roll on so that the new region holds the whole take.
  ///
  /// Ardour 7.3 reckons a recorded region's length in quarters from its length in time at the tempo
  /// it begins in; where the tempo rises meanwhile, the region would end before its notes do.
  func shortfall(_ plan: Plan) -> Int {
    let map = plan.before.songMap
    let rate = Double(plan.before.sampleRate)
    let start = map.beats(atSeconds: Double(plan.rollFrame) / rate)
    let needed =
      (plan.performance.end - start).quarters * 60 / map.tempo(at: start).quartersPerMinute
    let rolled = Double(plan.performance.endFrame - plan.rollFrame) / rate
    return max(0, Int(((needed - rolled) * rate).rounded(.up)))
  }
}
