// SPDX-License-Identifier: MIT
import ContinuoMusic

/// A model's whole reply, read without asking anybody: what of it may be played, and why the rest
/// may not.
public struct ModelReply: Hashable, Sendable {
  /// Patterns that may be played, in the order written.
  public let patterns: [MendedPattern]
  /// One for each pattern that may not, or one for a reply without any.
  public let refusals: [String]
  /// What a musician should know of how it was read.
  public let remarks: [String]

  /// Reads `pieces` as if they streamed in.
  public init(_ pieces: some Sequence<String>, for request: CompositionRequest) {
    var reader = ReplyReader()
    for piece in pieces { reader.feed(piece) }
    let isCut = reader.finish()
    let mender = PatternMender(request)
    var patterns: [MendedPattern] = []
    var refusals: [String] = []
    for (index, draft) in reader.patterns.enumerated() {
      switch mender.mend(draft, name: draft.name ?? "pattern \(index + 1)") {
      case .success(let mended): patterns.append(mended)
      case .failure(let unusable): refusals.append("pattern \(index + 1): \(unusable.reason)")
      }
    }
    if reader.patterns.isEmpty { refusals.append("there are no notes in the reply") }
    var remarks: [String] = []
    if isCut { remarks.append("the reply broke off in the middle") }
    if reader.prose > 0 { remarks.append("words round the notes were passed over") }
    if reader.breaks > 0 { remarks.append("parts that are no JSON were passed over") }
    if reader.surplusPatterns > 0 { remarks.append("patterns beyond the eighth were passed over") }
    self.patterns = patterns
    self.refusals = refusals
    self.remarks = remarks
  }
}
