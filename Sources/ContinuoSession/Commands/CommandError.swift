// SPDX-License-Identifier: MIT
import ContinuoMusic

/// Why words are no command.
///
/// Each is a usage error: exit status 2.
public enum CommandError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Nothing was said.
  case nothing
  /// The first word is no command; `near` holds those it may have meant.
  case unknownCommand(word: String, near: [String])
  /// Something the command needs is missing; `usage` is its form.
  case missing(what: String, usage: String)
  /// A word too many.
  case unexpected(word: String, usage: String)
  /// A word is none of those that fit there.
  case notOneOf(what: String, word: String, allowed: [String], near: [String])
  /// A word should be a whole number.
  case notANumber(what: String, word: String)
  /// A number outside its range.
  case outOfRange(what: String, given: String, range: ClosedRange<Int>)
  /// An option was given twice.
  case repeated(option: String)
  /// A value without any character to see.
  case empty(what: String)
  /// Longer than `limit`.
  case tooLong(what: String, limit: Int)
  /// A control character, which would upset a terminal or a file name.
  case controlCharacter(what: String)
  /// A file name with an ending that is not written or read here.
  case wrongEnding(file: String, endings: [String])
  /// A quotation mark that never closes, at a column counted from 1.
  case unclosedQuote(column: Int)
  /// Options stand before the word of the command line they belong to.
  case optionsFirst(command: String)
  /// A setting from a flag or the environment that cannot be.
  case badSetting(name: String, value: String, reason: String)

  /// One sentence: what is wrong, and what to write instead.
  public var description: String {
    switch self {
    case .nothing:
      "Nothing was asked; help lists the commands"
    case .unknownCommand(let word, let near):
      "There is no command “\(shown(word))”\(NearNames.question(near))"
        + (near.isEmpty ? "; help lists them all" : "")
    case .missing(let what, let usage):
      "\(what.capitalisedFirst) is missing: \(usage)"
    case .unexpected(let word, let usage):
      "“\(shown(word))” is a word too many: \(usage)"
    case .notOneOf(let what, let word, let allowed, let near):
      "“\(shown(word))” is not \(what)\(NearNames.question(near)): "
        + "it can be \(allowed.joined(separator: ", "))"
    case .notANumber(let what, let word):
      "\(what.capitalisedFirst) must be a whole number, not “\(shown(word))”"
    case .outOfRange(let what, let given, let range):
      "\(what.capitalisedFirst) must lie in \(range.lowerBound)…\(range.upperBound), not \(given)"
    case .repeated(let option):
      "“\(option)” is given twice: give it once"
    case .empty(let what):
      "\(what.capitalisedFirst) is empty"
    case .tooLong(let what, let limit):
      "\(what.capitalisedFirst) is longer than \(limit): make it shorter"
    case .controlCharacter(let what):
      "\(what.capitalisedFirst) holds a control character: leave it out"
    case .wrongEnding(let file, let endings):
      "“\(shown(file))” must be a file name that ends in \(endings.joined(separator: " or "))"
    case .unclosedQuote(let column):
      "The quotation mark at column \(column) is never closed"
    case .optionsFirst(let command):
      "Options come after the command: continuo \(command) --name …"
    case .badSetting(let name, let value, let reason):
      "\(name) is “\(shown(value))”: \(reason)"
    }
  }

  private func shown(_ word: String) -> String { TerminalText.shortened(word, to: 60) }
}

extension String {
  fileprivate var capitalisedFirst: String { prefix(1).uppercased() + dropFirst() }
}
