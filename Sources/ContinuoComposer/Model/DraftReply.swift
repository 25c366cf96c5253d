// SPDX-License-Identifier: MIT

/// A note as a model wrote it: nothing is checked yet.
struct DraftNote: Hashable {
  /// How a place or a length was written.
  enum Measure: Hashable {
    /// Quarters: a place from the pattern's start, or a length.
    case quarters(ReplyScalar)
    /// Steps of the grid: a place from the bar's start counting from 1, or a length.
    case steps(ReplyScalar)
    /// The metre's beats from the bar's start, counting from 1.
    case beats(ReplyScalar)
    /// Where it ends, in quarters from the pattern's start.
    case end(ReplyScalar)
  }

  var pitch: ReplyScalar
  var place: Measure?
  /// The bar it was written under, from 0; nil without one.
  var bar: Int?
  var length: Measure?
  var velocity: ReplyScalar?
}

/// A bar written as a row of cells on the grid.
struct DraftRow: Hashable {
  /// From 0.
  var bar: Int
  var cells: [String]
}

/// A pattern as far as the reply has come.
struct DraftPattern: Hashable {
  /// More notes than this are passed over.
  static let mostNotes = 4096

  var name: String?
  var about: String?
  /// The model's own opinion, 0...1.
  var confidence: Double?
  var notes: [DraftNote] = []
  var rows: [DraftRow] = []
  /// Bars that are whole for certain, from the first.
  var wholeBars = 0
  /// Whether bars were written as such.
  var isByBars = false
  /// Whether nothing more comes.
  var isClosed = false
  /// Notes beyond `mostNotes`.
  var surplus = 0
}
