// SPDX-License-Identifier: MIT
public import ContinuoMusic

/// The notes that can be measured, out of any notes at all.
///
/// `Note` fields can be set to nonsense after they were checked, and a file may put notes aeons
/// away; every measurement starts from this filter so that none of them can trap or run for ever.
public enum UsableNotes {
  /// Notes starting further from the origin than this, in quarters, are left out.
  public static let horizon = 100_000.0
  /// A note shorter than this counts as this long, in quarters.
  public static let shortest = 1.0 / 64

  /// The measurable ones of `notes`, sorted by start then pitch; `pitched` leaves out channel 10.
  public static func of(_ notes: [Note], pitched: Bool = false) -> [Note] {
    var usable: [Note] = []
    usable.reserveCapacity(notes.count)
    for note in notes {
      guard note.start.quarters.isFinite, abs(note.start.quarters) <= horizon,
        note.duration.quarters.isFinite, note.pitch < 128, note.channel < 16,
        (1...127).contains(note.velocity), !(pitched && note.channel == drumChannel)
      else { continue }
      var bounded = note
      bounded.duration = Beats(min(max(note.duration.quarters, shortest), horizon))
      usable.append(bounded)
    }
    return usable.sorted { ($0.start, $0.pitch) < ($1.start, $1.pitch) }
  }

  /// The channel that General MIDI keeps for drums: 9, shown to musicians as 10.
  public static let drumChannel: UInt8 = 9
}
