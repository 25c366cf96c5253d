// SPDX-License-Identifier: MIT
internal import ContinuoMemory
internal import Foundation

/// A session's hand on the memory: opens it when it is first needed, and never stands in the way.
///
/// What cannot be remembered is counted and told once; the music goes on without it.
actor MemoryKeeper {
  private let folder: URL
  private let notice: ProgressSink
  private var opened: Result<MemoryStore, MemoryError>?
  /// The session's number, asked for once: requests that come at the same time share it.
  private var session: Task<Int64, any Error>?
  /// What could not be put away: requests, answers, fates.
  private(set) var lost = 0
  /// Why something could not be; nil as long as all was.
  private(set) var fault: String?

  init(folder: URL, notice: @escaping ProgressSink) {
    self.folder = folder
    self.notice = notice
  }

  /// The memory, to be asked.
  /// - Throws: `CommandFailure`.
  func store() throws(CommandFailure) -> MemoryStore {
    if opened == nil {
      opened = Result { () throws(MemoryError) in try MemoryStore(folder: folder) }
    }
    switch opened {
    case .success(let store): return store
    case .failure(let error):
      // It may be mended meanwhile: the next who asks tries again.
      opened = nil
      throw CommandFailure(.failed, "\(error)")
    case nil: throw CommandFailure(.failed, "The memory is not open")
    }
  }

  /// Puts a request away before it is answered; nil when that failed.
  func begin(_ request: RequestToRemember, session name: String?) async -> Int64? {
    await attempt { store in
      let begun =
        session
        ?? Task { try await store.begin(session: name, program: ProgramVersion.current) }
      session = begun
      do {
        return try await store.begin(request, in: try await begun.value)
      } catch {
        // The next request tries anew.
        if case .failure = await begun.result { session = nil }
        throw error
      }
    }
  }

  /// Puts finished candidates away; on disk when this returns.
  func add(_ candidates: [CandidateToRemember], to request: Int64?) async {
    guard let request else {
      lost += candidates.count
      return
    }
    _ = await attempt { store in try await store.add(candidates, to: request) }
  }

  /// Notes what became of a candidate.
  func note(_ fate: MemoryStore.Fate, of mark: CandidateMark?) async {
    guard let mark else { return }
    _ = await attempt { store in try await store.note(fate, of: mark) }
  }

  /// Writes all into the one file and closes it.
  func close() {
    guard case .success(let store)? = opened else { return }
    do { try store.close() } catch { told("\(error)") }
  }

  private func attempt<Value>(
    _ work: (MemoryStore) async throws -> Value
  ) async -> Value? {
    do {
      return try await work(try store())
    } catch {
      lost += 1
      told("\(error)")
      return nil
    }
  }

  private func told(_ reason: String) {
    if fault == nil { notice("Not remembered: \(reason)") }
    fault = reason
  }
}
