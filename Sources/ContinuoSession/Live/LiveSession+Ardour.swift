// SPDX-License-Identifier: MIT
internal import ContinuoArdour

/// How the session finds its Ardour, and finds it again.
extension LiveSession {
  /// How long between two looks for an Ardour that is not there.
  private static let searchPause = Duration.seconds(1)

  /// Looks for Ardour; not finding it is no failure yet: it is looked for as long as the session is.
  func lookForArdour() async {
    _ = try? await needArdour(timeout: .seconds(2))
    guard searching == nil, !isClosed else { return }
    searching = Task { [weak self] in
      while !Task.isCancelled {
        try? await Task.sleep(for: Self.searchPause)
        guard let self else { return }
        await self.search()
      }
    }
  }

  /// One look, when there is no Ardour: it may have been started late, or on another port.
  private func search() async {
    guard !isClosed, cancelTake == nil else { return }
    let known = ardour
    if let known, await known.state.presence == .present { return }
    do {
      let found = try await needArdour(timeout: .milliseconds(500))
      guard found !== known else { return }
      let name = TerminalText.clean(await found.state.sessionName ?? "a session without a name")
      notice(known == nil ? "Ardour is there: \(name)" : "Ardour is back")
    } catch ArdourError.severalRunning(let ports) {
      guard !hasToldOfSeveral else { return }
      hasToldOfSeveral = true
      notice("\(ArdourError.severalRunning(ports: ports))")
    } catch {
      // It is not there yet; the next look is a second away.
    }
  }

  /// The Ardour that is there now, found again if need be.
  ///
  /// One that is gone is let go of only for another: it is asked for every second meanwhile.
  /// - Throws: `ArdourError` when none answers or several do.
  func needArdour(timeout: Duration = .seconds(3)) async throws -> ArdourClient {
    let known = ardour
    if let known, await known.state.presence == .present { return known }
    let found = try await findArdour(settings.ardourPort, timeout)
    if isClosed || ardour !== known {
      // Another command found it first, or the session ended meanwhile.
      await found.close()
      guard !isClosed, let ardour else { throw Self.leaving }
      return ardour
    }
    if let known, await known.state.presence == .present {
      await found.close()
      return known
    }
    adopt(found)
    await known?.close()
    return found
  }

  func adopt(_ client: ArdourClient) {
    ardour = client
    // What the session did of its own accord stands in the log.
    guard !isReplay else { return }
    watching?.cancel()
    watching = Task { [weak self] in
      var last: ArdourState?
      for await state in await client.states() {
        guard !Task.isCancelled else { return }
        await self?.ardourChanged(state, since: last)
        last = state
      }
    }
  }
}
