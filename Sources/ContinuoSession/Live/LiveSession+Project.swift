// SPDX-License-Identifier: MIT
internal import ContinuoJack
internal import ContinuoRealtime
internal import Foundation

/// A session that is put away and taken up again.
extension LiveSession {
  /// What is worth taking up again.
  var projectState: ProjectState {
    var state = ProjectState()
    state.followed = followed.sorted { $0.key < $1.key }.map {
      ProjectState.Followed(input: $0.key, name: $0.value.name, port: $0.value.port)
    }
    state.followsSelection = followsSelection
    // An audition's wire is ours and goes with it.
    let passing = audition.flatMap { $0.wireStood ? nil : $0.wire.to }
    state.listeners = host.wantedListeners(of: "\(settings.name):out")
      .filter { $0 != passing }.sorted()
    state.tempo = host.currentOwnTempo.map {
      .steady(
        quartersPerMinute: $0.quartersPerMinute, beatsPerBar: Int($0.beatsPerBar),
        beatUnit: Int($0.beatUnit))
    }
    state.shelf = shelf
    return state
  }

  func saveState(to file: String?) throws -> Reply {
    let url = try stateFile(file)
    let state = projectState
    try state.write(to: url)
    if file == nil { putAway = state }
    return .done(
      ["Saved in \(TerminalText.clean(url.path))"],
      data: [
        "file": .string(url.path), "followed": .int(state.followed.count),
        "candidates": .int(state.shelf?.candidates.count ?? 0),
      ])
  }

  func loadState(from file: String?) async throws -> Reply {
    let url = try stateFile(file)
    let state = try ProjectState(reading: url)
    try await takeUp(state)
    let waiting = state.followed.filter { track in
      host.withClient { !$0.hasPort(track.port) } ?? true
    }
    return .done(
      [
        "Took up \(TerminalText.clean(url.path)): \(state.followed.count) followed, "
          + "\(state.shelf?.candidates.count ?? 0) candidates"
      ]
        + waiting.map {
          "\(TerminalText.clean($0.name)) is not there yet; it is followed once it is"
        },
      data: [
        "file": .string(url.path), "followed": .int(state.followed.count),
        "candidates": .int(state.shelf?.candidates.count ?? 0),
        "waitingFor": .array(waiting.map { .string($0.name) }),
      ])
  }

  func projectNews() -> ProjectNews? {
    guard settings.projectFolder != nil else { return nil }
    let state = projectState
    return ProjectNews(
      isDirty: state != putAway, label: state.followed.map(\.name).joined(separator: ", "))
  }

  /// Ends without putting the project's state away.
  func abandon() async {
    keepsProject = false
    await shutdown()
  }

  /// Puts the project's state away at the end; a failure is told, since nobody can answer it.
  func saveProject() {
    guard settings.projectFolder != nil, keepsProject, !settings.isManaged else { return }
    do {
      _ = try saveState(to: nil)
    } catch {
      notice("\(error)")
    }
  }

  /// Takes up the project's state when there is one; a new project has none.
  func openProject() async throws {
    guard let folder = settings.projectFolder else { return }
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw CommandFailure(
        .failed, "Cannot make the project's folder \(folder.path): \(error.localizedDescription)")
    }
    let file = folder.appendingPathComponent(ProjectState.fileName)
    putAway = projectState
    guard FileManager.default.fileExists(atPath: file.path) else { return }
    let state = try ProjectState(reading: file)
    try await takeUp(state)
    putAway = state
  }

  private func stateFile(_ file: String?) throws(CommandFailure) -> URL {
    if let file { return URL(fileURLWithPath: file) }
    guard let folder = settings.projectFolder else {
      throw CommandFailure(
        .usage, "There is no project: name a file, or start with continuo --project FOLDER")
    }
    return folder.appendingPathComponent(ProjectState.fileName)
  }

  /// Puts `state` in place of what there is; ports that are missing are connected once they come.
  private func takeUp(_ state: ProjectState) async throws {
    try await takeTurn()
    defer { passTurn() }
    await endAudition(at: .now)
    for (number, track) in followed {
      host.letGo(.init(from: track.port, to: inputName(number)))
      host.setInputTitle(number, "MIDI in \(number)")
    }
    followed = [:]
    followsSelection = state.followsSelection
    for track in state.followed {
      followed[track.input] = FollowedTrack(name: track.name, port: track.port)
      host.setInputTitle(track.input, track.name)
      host.keepConnectedOnceThere(.init(from: track.port, to: inputName(track.input)))
    }
    for port in state.listeners {
      host.keepConnectedOnceThere(.init(from: "\(settings.name):out", to: port))
    }
    if let setting = state.tempo { _ = try tempo(setting) }
    shelf = state.shelf
  }
}
