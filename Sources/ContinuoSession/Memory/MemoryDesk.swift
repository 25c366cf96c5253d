// SPDX-License-Identifier: MIT
internal import ContinuoAnalysis
internal import ContinuoMemory
internal import ContinuoMusic
internal import Foundation

/// Answers what is asked of the memory alone.
struct MemoryDesk {
  let store: MemoryStore

  /// Carries `command` out; every failure is a reply.
  func answer(_ command: MemoryCommand) async -> Reply {
    do {
      switch command {
      case .history(let count): return try await history(count ?? Self.usualHistory)
      case .library(let query): return try await library(query)
      case .show(let id): return try await show(Int64(id))
      case .star(let id, let isStarred):
        try await store.star(Int64(id), isStarred)
        return .done(
          [isStarred ? "#\(id) has a star" : "#\(id) has no star"],
          data: ["id": .int(id), "starred": .bool(isStarred)])
      case .forget(let id, let agreed): return try await forget(Int64(id), agreed == true)
      case .remember(let file, let words): return try await remember(file, words)
      case .story(let file): return try await story(to: file)
      }
    } catch let failure as CommandFailure {
      return .failed(failure)
    } catch is CancellationError {
      return .cancelled
    } catch {
      return .failed(.failed, "\(error)")
    }
  }

  private static let usualHistory = 10

  private func history(_ count: Int) async throws -> Reply {
    let requests = try await store.history(count)
    guard !requests.isEmpty else {
      return .done(["Nothing has been asked for yet"], data: ["requests": []])
    }
    // The last asked stands last, where the eye is.
    let lines = requests.reversed().flatMap { request in
      [RememberedWords.heading(request)]
        + request.candidates.map { "  " + RememberedWords.line($0, request) }
        + (request.candidates.isEmpty ? ["  no candidate came of it"] : [])
    }
    return .done(lines, data: ["requests": .array(requests.map(RememberedWords.data))])
  }

  private func library(_ query: LibraryQuery) async throws -> Reply {
    let found = try await store.search(query)
    let data: JSONValue = [
      "entries": .array(found.entries.map(RememberedWords.data)), "more": .bool(found.hasMore),
    ]
    guard !found.entries.isEmpty else {
      let size = try await store.size()
      return .done(
        [
          size.candidates == 0
            ? "The library is empty: what requests make goes into it by itself"
            : "None of the \(size.candidates) candidates in the library fits"
        ], data: data)
    }
    let lines = found.entries.flatMap { entry in
      [
        RememberedWords.line(entry),
        "   “\(TerminalText.shortened(entry.words, to: 80))” (\(RememberedWords.facts(entry)))",
      ]
    }
    return .done(
      lines + (found.hasMore ? ["There are more: narrow it down, or say count N"] : []), data: data)
  }

  private func show(_ id: Int64) async throws -> Reply {
    let found = try await store.candidate(id)
    let entry = found.entry
    let roll = PianoRoll(found.pattern, original: found.original, firstBar: entry.firstBar)
      .text(columns: 100, barsPerSystem: 4).split(separator: "\n").map(String.init)
    var data = RememberedWords.data(entry)
    if case .object(var members) = data {
      members["pattern"] = try JSONValue(encoding: found.pattern)
      members["figures"] =
        (try? JSONDecoder().decode(JSONValue.self, from: Data(found.figures.utf8))) ?? .null
      data = .object(members)
    }
    return .done(
      [
        RememberedWords.line(entry), "   \(TerminalText.clean(entry.summary))",
        "   “\(TerminalText.shortened(entry.words, to: 200))” (\(RememberedWords.facts(entry)), "
          + "\(TerminalText.clean(entry.composer)), \(RememberedWords.date(entry.at)))",
      ] + roll, data: data)
  }

  private func forget(_ id: Int64, _ isAgreed: Bool) async throws -> Reply {
    guard isAgreed else {
      let entry = try await store.candidate(id).entry
      return .asks(
        "Forget it?", how: "forget asks first: say forget \(id) yes",
        lines: [RememberedWords.line(entry), "Its notes are gone from the library for good"],
        data: ["id": .int(Int(id))])
    }
    try await store.forget(id)
    return .done(
      ["Forgot #\(id); what was kept of it in Ardour stays there"], data: ["id": .int(Int(id))])
  }

  /// Puts each voice of a file into the library.
  private func remember(_ path: String, _ words: String?) async throws -> Reply {
    let file = try FileVoices(path: path)
    guard file.voices.contains(where: { !$0.notes.isEmpty }) else {
      throw CommandFailure(.failed, "\(path): there are no notes in it")
    }
    let name = URL(fileURLWithPath: path).lastPathComponent
    let context = file.context
    let session = try await store.begin(session: name, program: ProgramVersion.current)
    var lines: [String] = []
    var ids: [JSONValue] = []
    for (index, voice) in file.voices.enumerated() where !voice.notes.isEmpty {
      let role = context.tracks.indices.contains(index) ? context.tracks[index].role.role : .unknown
      let request = try await store.begin(
        RequestToRemember(
          words: words ?? name, kind: PartKind(role).rawValue, track: voice.name, firstBar: 1,
          tempo: file.tempo.quartersPerMinute, tonic: context.key.key?.tonic,
          mode: context.key.key?.mode.rawValue, source: "the file \(name)",
          context: try JSONValue(encoding: context).line, original: voice), in: session)
      let id = try await store.add(
        [
          CandidateToRemember(
            mark: CandidateMark(mark: "file-\(request)", seed: 0), number: 1, name: voice.name,
            summary: "from \(name)", composer: "file", score: 0, figures: "{}", pattern: voice)
        ], to: request)
      ids += id.map { .int(Int($0)) }
      lines += id.map {
        "#\($0)  \(TerminalText.clean(voice.name)): \(voice.notes.count) notes, \(voice.bars) bars"
      }
    }
    return .done(
      ["In the library now:"] + lines + file.repairs.map { "put right: \($0)" },
      data: ["file": .string(path), "ids": .array(ids)])
  }

  private func story(to path: String?) async throws -> Reply {
    guard let session = try await store.lastSession() else {
      throw CommandFailure(.failed, "There is no story yet: nothing has been asked for")
    }
    let requests = try await store.history(Story.mostRequests, session: session.id)
    var patterns: [Int64: Pattern] = [:]
    for entry in requests.flatMap(\.candidates) {
      patterns[entry.id] = try await store.candidate(entry.id).pattern
    }
    let text = Story(session: session, requests: requests.reversed(), patterns: patterns).markdown
    let data: JSONValue = [
      "session": .string(session.name ?? ""), "requests": .int(requests.count),
      "file": path.map { .string($0) } ?? .null,
    ]
    guard let path else {
      return .done(
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init), data: data)
    }
    do {
      try WholeFile.write([UInt8](text.utf8), to: path, mode: 0o644)
    } catch {
      throw CommandFailure(
        .failed, "Cannot write \(TerminalText.clean(path)): \(error.systemReason)")
    }
    return .done(["The story of \(requests.count) requests is in \(path)"], data: data)
  }
}
