// SPDX-License-Identifier: MIT

/// Waits until `condition` holds, looking every `interval`.
///
/// Throws `TestSupportError.timedOut`, naming `what`, when it does not hold within `limit`. The
/// condition is looked at once more after the limit, so a machine that stalls for the whole of it
/// does not fail a condition that holds.
public func eventually(
  _ what: String = "a condition", within limit: Duration = .seconds(10),
  every interval: Duration = .milliseconds(2), detail: () -> String = { "" },
  _ condition: () async throws -> Bool
) async throws {
  _ = try await eventualValue(what, within: limit, every: interval, detail: detail) {
    try await condition() ? true : nil
  }
}

/// Waits until `value` gives something and returns it; see ``eventually(_:within:every:detail:_:)``.
public func eventualValue<Value>(
  _ what: String, within limit: Duration = .seconds(10),
  every interval: Duration = .milliseconds(2), detail: () -> String = { "" },
  _ value: () async throws -> Value?
) async throws -> Value {
  let clock = ContinuousClock()
  let deadline = clock.now.advanced(by: limit)
  while true {
    let isLast = clock.now >= deadline
    if let found = try await value() { return found }
    if isLast { break }
    try await Task.sleep(for: interval, clock: clock)
  }
  throw TestSupportError.timedOut(waitingFor: what, after: limit, detail: detail())
}
