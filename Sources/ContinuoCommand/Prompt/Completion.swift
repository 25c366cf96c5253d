// SPDX-License-Identifier: MIT
import ContinuoSession

/// What Tab offers for a line typed so far.
///
/// Pure.
enum Completion {
  /// What fits, and what it takes the place of.
  struct Offer: Hashable {
    /// Characters before the cursor that a choice replaces.
    var replaced: Int
    /// Whole words, quoted where they need it, in order.
    var choices: [String]

    /// What to type at once: the only choice with a space, or what all choices begin with.
    ///
    /// Nil when that is no more than what is there.
    func insertion(beyond typed: String) -> String? {
      guard let first = choices.first else { return nil }
      guard choices.count > 1 else { return first + " " }
      let common = choices.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
      return common.count > typed.count ? common : nil
    }
  }

  /// The offer for `line`, the text before the cursor.
  static func offer(for line: String, knowing names: Completions) -> Offer {
    let (words, partial, typed) = split(line)
    let pool = choices(after: words, names).map(quoted)
    let wanted = partial.lowercased()
    let fitting = pool.filter { unquoted($0).lowercased().hasPrefix(wanted) }
    return Offer(replaced: typed.count, choices: fitting)
  }

  private static func choices(after words: [String], _ names: Completions) -> [String] {
    guard let first = words.first else { return CommandManual.allWords }
    guard let command = CommandManual.page(for: first)?.name else { return [] }
    let last = words.last?.lowercased() ?? ""
    let numbers = names.candidates.map { String($0) }
    switch command {
    case .follow: return names.tracks + (words.count == 1 ? ["selected"] : [])
    case .regions: return words.count == 1 ? names.tracks + ["notes"] : ["notes"]
    case .refresh: return words.count == 1 ? ["yes"] : []
    case .take: return words.count == 2 ? ["pass"] : []
    case .tempo: return words.count == 1 ? ["off"] : []
    case .enhance:
      if last == "track" || last == "--track" { return names.tracks }
      return PartKind.allCases.map(\.rawValue) + ["track", "bars", "from", "seed", "count"]
        + ["--density", "--register", "--voices", "--swing", "--provider", "--dry-run"]
    case .learn:
      return words.count == 1
        ? ControlAction.allCases.map(\.rawValue) + ["clear", "cancel"]
        : last == "clear" ? ControlAction.allCases.map(\.rawValue) : []
    case .show: return words.count == 1 ? numbers : []
    case .suggest: return words.count == 1 ? (1...8).map { String($0) } : []
    case .vary: return words.count == 1 ? numbers : ["count", "seed"]
    case .diff: return words.count < 3 ? numbers : []
    case .lock: return ["bars", "beat", "kick", "snare", "hats"]
    case .audition:
      return words.count == 1 ? numbers : words.count == 2 ? Quantise.allCases.map(\.rawValue) : []
    case .keep, .importing:
      if last == "to" || last == "--to" { return names.tracks }
      let numbered = words.count == 1 ? numbers : []
      return numbered + (command == .keep ? ["to", "yes"] : ["to", "at"])
    case .export: return words.count == 1 ? numbers : []
    case .capture:
      if words.count == 1 { return ["start", "bars", "stop"] }
      return last == "from" ? names.tracks : ["from"]
    case .play: return words.count > 1 ? ["loop", "at", "free"] : []
    case .transport: return words.count == 1 ? ["play", "stop", "locate"] : []
    case .help: return words.count == 1 ? CommandManual.allWords : []
    case .library:
      if last == "kind" || last == "--kind" { return PartKind.allCases.map(\.rawValue) }
      return ["kind", "key", "metre", "tempo", "score", "starred", "kept", "best", "count"]
    case .recall:
      if last == "track" || last == "--track" { return names.tracks }
      return words.count == 1 ? [] : ["as-it-was", "track", "from", "bars"]
    case .forget: return words.count == 2 ? ["yes"] : []
    case .history, .star, .unstar, .remember, .story: return []
    case .status, .tracks, .analyze, .connect, .candidates, .next, .previous, .original, .stop,
      .undo, .discard,
      .doctor,
      .quit, .unlock, .saveState, .loadState:
      return []
    }
  }

  /// The whole words, the word at the cursor without its mark, and the same as it was typed.
  private static func split(_ line: String) -> (words: [String], partial: String, typed: String) {
    var words: [String] = []
    var typed = ""
    var isQuoted = false
    for character in line {
      if typed.isEmpty, character == "\"" {
        isQuoted = true
        typed.append(character)
      } else if isQuoted ? character == "\"" : character.isWhitespace {
        if !typed.isEmpty { words.append(unquoted(typed)) }
        typed = ""
        isQuoted = false
      } else {
        typed.append(character)
      }
    }
    return (words, unquoted(typed), typed)
  }

  private static func quoted(_ name: String) -> String {
    let needsIt = name.contains { $0.isWhitespace || $0 == "\"" || $0 == "'" || $0 == "\\" }
    guard needsIt else { return name }
    let escaped = name.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
    return "\"\(escaped)\""
  }

  private static func unquoted(_ word: String) -> String {
    guard word.hasPrefix("\"") else { return word }
    let inner = word.dropFirst()
    return String(inner.hasSuffix("\"") ? inner.dropLast() : inner)
  }
}

extension String {
  /// The characters both begin with.
  fileprivate func commonPrefix(with other: String) -> String {
    String(zip(self, other).prefix { $0 == $1 }.map(\.0))
  }
}
