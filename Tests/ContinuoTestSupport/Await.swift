// SPDX-License-Identifier: MIT

/// Whether `condition` came true before `limit` had passed; asked every 10 ms.
public func eventually(
  within limit: Duration = .seconds(5), _ condition: () async throws -> Bool
) async rethrows -> Bool {
  let deadline = ContinuousClock.now + limit
  while true {
    if try await condition() { return true }
    if ContinuousClock.now >= deadline { return false }
    try? await Task.sleep(for: .milliseconds(10))
  }
}
