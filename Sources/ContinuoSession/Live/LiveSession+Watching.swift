// SPDX-License-Identifier: MIT
internal import ContinuoArdour
internal import ContinuoMusic

/// What happens unasked, and what the session makes of it.
extension LiveSession {
  /// Ardour told something new.
  func ardourChanged(_ state: ArdourState, since last: ArdourState?) async {
    if let last { tellOfArdour(state, since: last) }
    let isNew = last?.presence != .present || last?.sessionName != state.sessionName
    if isNew, !isReplay, state.presence == .present, let ardour {
      heedClock(of: try? await savedSession(ardour))
    }
    if state.presence == .gone { heedTimebase(isArdour: false) }
    guard followsSelection, state.presence == .present, audition == nil, cancelTake == nil else {
      return
    }
    let selected = state.strips
      .filter { $0.kind == .midiTrack && $0.details.isSelected == true }
      .prefix(Self.inputCount).map(\.name)
    // With nothing selected what was followed last goes on.
    guard !selected.isEmpty, Set(selected) != Set(followed.values.map(\.name)) else { return }
    do {
      _ = try await follow(selected, bySelection: true)
      noteFollowed()
      notice("Following \(selected.map { TerminalText.clean($0) }.joined(separator: ", "))")
    } catch {
      notice("\(error)")
    }
  }

  private func tellOfArdour(_ state: ArdourState, since last: ArdourState) {
    switch (last.presence, state.presence) {
    case (.present, .gone): notice("Ardour is gone; what was captured is kept")
    case (.gone, .present): notice("Ardour is back")
    default: break
    }
    if let name = state.sessionName, let before = last.sessionName, name != before {
      notice("Ardour has opened \(TerminalText.clean(name))")
    }
  }

  /// A track that is renamed in Ardour is the same track: what is followed, heard, asked for and
  /// sounding goes on under the new name.
  func portRenamed(_ old: String, _ new: String) {
    for (number, track) in followed where track.port == old {
      let name = ArdourPort.track(ofPort: new) ?? new
      followed[number] = FollowedTrack(name: name, port: new)
      host.setInputTitle(number, name)
      rename(track.name, to: name)
      notice("\(TerminalText.clean(track.name)) is called \(TerminalText.clean(name)) now")
    }
    if audition?.wire.to == old, let wire = audition?.wire {
      audition?.wire = RealtimeHost.Wire(from: wire.from, to: new)
      if let before = audition?.track, let name = ArdourPort.track(ofPort: new) {
        audition?.track = name
        rename(before, to: name)
      }
    }
    if let shelf, let before = ArdourPort.track(ofPort: old), before == shelf.track,
      let name = ArdourPort.track(ofPort: new)
    {
      rename(before, to: name)
    }
  }

  private func rename(_ old: String, to new: String) {
    if shelf?.track == old { shelf?.track = new }
    for index in heard?.tracks.indices ?? 0..<0 where heard?.tracks[index].name == old {
      heard?.tracks[index].name = new
    }
  }
}
