// SPDX-License-Identifier: MIT

/// What was composed for a request.
public struct Composition: Hashable, Sendable, Codable {
  /// The candidates, best score first.
  public let candidates: [Candidate]
  /// Words of the request that were acted on.
  public let understood: [String]
  /// Words of the request that meant nothing to the composer; the musician should be told.
  public let notUnderstood: [String]
  /// What the musician should know: assumptions made, candidates that are missing and why.
  public let remarks: [String]
}

/// What a composer reports while it works.
public enum CompositionEvent: Hashable, Sendable {
  /// A candidate is whole, measured, and may be played.
  case candidate(Candidate)
  /// Everything is done; the last event.
  case finished(Composition)
}

/// Whatever turns a request into candidates: the built-in composer, or a language model.
public protocol Composer: Sendable {
  /// The name kept in each candidate's lineage.
  var name: String { get }

  /// Composes; `report` hears of each candidate as soon as it may be played, in order.
  ///
  /// Cancelling the task stops it between candidates with `CancellationError`.
  func compose(
    _ request: CompositionRequest, report: @Sendable (CompositionEvent) -> Void
  ) async throws -> Composition
}

extension Composer {
  /// Composes without reports on the way.
  public func compose(_ request: CompositionRequest) async throws -> Composition {
    try await compose(request) { _ in }
  }
}
