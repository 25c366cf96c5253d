// SPDX-License-Identifier: MIT
import Foundation

/// What a failed take leaves behind.
extension RunningTake {
  /// What of a failed take is on its track all the same, and in words; nil when that is not known.
  ///
  /// Ardour writes whatever it recorded, some time after it stopped, and over OSC alone there is no
  /// undo.
  func pieces() async -> (damage: TakeFailure.Damage?, words: [String]) {
    guard let plan = rolling, await ardour.state.presence == .present else { return (nil, []) }
    rolling = nil
    return await Task { () -> (damage: TakeFailure.Damage?, words: [String]) in
      do {
        let (after, new) = try await remains(plan)
        guard !new.isEmpty else { return (.nothing, []) }
        let words = new.map {
          "the region \"\($0.name)\" of the failed take stays on \"\(plan.strip.name)\""
        }
        let take = try? PlacedTake(track: plan.strip.name, regions: new, in: after)
        return (take.map { .take($0) }, words)
      } catch {
        return (
          nil, ["what the failed take left on \"\(plan.strip.name)\" is not known: \(error)"]
        )
      }
    }.value
  }

  /// The session, and the regions that a failed take left in it: as soon as there are any, or none in
  /// two seconds.
  private func remains(
    _ plan: Plan
  ) async throws(ArdourError) -> (SessionFile, [SessionFile.Region]) {
    let deadline = ContinuousClock.now + .seconds(2)
    while true {
      let session = try await savedSession(saving: .saveAfter, reading: .verify)
      let new = plan.newRegions(in: session)
      if !new.isEmpty || ContinuousClock.now >= deadline { return (session, new) }
      try? await Task.sleep(for: .milliseconds(200))
    }
  }
}
