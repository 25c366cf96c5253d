// SPDX-License-Identifier: MIT
import ContinuoMusic

/// Requests in words, and their options.
extension CommandReader {
  /// The first word that is no option begins the request; `--options` may also follow it.
  ///
  /// `words` is the request where none is written; nil when one must be.
  mutating func enhance(words usual: String? = nil) throws(CommandError) -> EnhanceRequest {
    var request = EnhanceRequest(request: "")
    var given: Set<String> = []
    var text: [String] = []
    while let word = words.first {
      if text.isEmpty || (word.keyword.hasPrefix("--") && word.text.count > 2) {
        if let option = try enhanceOption(word, &request) {
          guard given.insert(option).inserted else { throw .repeated(option: option) }
          continue
        }
      }
      text.append(word.text)
      _ = words.next()
    }
    if text.isEmpty {
      guard let usual else {
        throw .missing(what: "the request in your own words", usage: usage)
      }
      text = [usual]
    }
    request.request = text.joined(separator: " ")
    return request
  }

  /// Takes one leading option; its name, or nil when the request begins here.
  ///
  /// `bars`, `from`, `seed` and `count` are options only before a number, so that
  /// "from the third bar on, less busy" is still a request.
  private mutating func enhanceOption(
    _ word: CommandWords.Word, _ request: inout EnhanceRequest
  ) throws(CommandError) -> String? {
    let written = word.keyword
    let isDashed = written.hasPrefix("--") && written.count > 2
    let name = isDashed ? String(written.dropFirst(2)) : written
    if !isDashed, let kind = PartKind(rawValue: name), request.kind == nil {
      _ = words.next()
      request.kind = kind
      return "kind"
    }
    let following = words.words.dropFirst().first?.text
    let isNumbered = following.map { Int($0) != nil } ?? false
    if isDashed, try takeDashed(name, &request) { return name }
    switch name {
    case "track":
      _ = words.next()
      request.track = try self.word("the track's name")
    case "kind" where isDashed:
      _ = words.next()
      request.kind = try choice("a kind of part", PartKind.self)
    case "bars" where isDashed || isNumbered:
      _ = words.next()
      request.bars = try number("the number of bars")
    case "from" where isDashed || isNumbered:
      _ = words.next()
      request.fromBar = try number("the first bar")
    case "seed" where isDashed || isNumbered:
      _ = words.next()
      request.seed = try seed()
    case "count" where isDashed || isNumbered:
      _ = words.next()
      request.count = try number("the number of candidates")
    default:
      guard isDashed else { return nil }
      let allowed = [
        "--track", "--kind", "--bars", "--from", "--seed", "--count", "--density", "--register",
        "--voices", "--swing", "--provider", "--base-url", "--model", "--dry-run",
      ]
      throw .notOneOf(
        what: "an option of enhance", word: word.text, allowed: allowed,
        near: NearNames.near(word.text, among: allowed))
    }
    return name
  }

  /// Takes an option that is written with dashes alone; false when it is none.
  private mutating func takeDashed(
    _ name: String, _ request: inout EnhanceRequest
  ) throws(CommandError) -> Bool {
    var numbers = request.numbers ?? RequestNumbers()
    var model = request.model ?? ModelChoice()
    let before = words
    _ = words.next()
    switch name {
    case "density": numbers.density = try decimal("the density")
    case "swing": numbers.swing = try decimal("the swing ratio")
    case "voices": numbers.voices = try number("the number of voices")
    case "register": numbers.register = try key("the register")
    case "provider": model.provider = try choice("a provider", ComposerProvider.self)
    case "base-url": model.baseURL = try word("the server's address")
    case "model": model.model = try word("the model's name")
    case "dry-run": model.dryRun = true
    default:
      words = before
      return false
    }
    request.numbers = numbers.isEmpty ? nil : numbers
    request.model = model == ModelChoice() ? nil : model
    return true
  }

  private mutating func decimal(_ what: String) throws(CommandError) -> Double {
    let text = try word(what)
    guard let value = Double(text), value.isFinite else {
      throw .badSetting(name: what, value: text, reason: "it must be a number")
    }
    return value
  }

  /// A key by name or number: C2, 36.
  private mutating func key(_ what: String) throws(CommandError) -> Int {
    let text = try word(what)
    if let number = Int(text) { return number }
    guard let key = try? PitchName.key(text) else {
      throw .badSetting(
        name: what, value: text, reason: "it must be a note such as C2, or a MIDI key")
    }
    return Int(key)
  }
}
