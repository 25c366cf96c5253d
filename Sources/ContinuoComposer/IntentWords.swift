// SPDX-License-Identifier: MIT

/// The vocabulary of requests.
enum IntentWords {
  /// What each word turns, and how far.
  static let turns: [String: [(Intent.Dial, Double)]] = {
    var turns: [String: [(Intent.Dial, Double)]] = [:]
    func add(_ words: String, _ dials: (Intent.Dial, Double)...) {
      for word in words.split(separator: " ") { turns[String(word)] = dials }
    }
    add("groovier groovy groove grooves grooving", (.groove, 1))
    add("funky funkier funk funkiest", (.funk, 1), (.syncopation, 0.5), (.ghosts, 0.5))
    add("busier busy denser dense fuller notes active moving", (.density, 1))
    add(
      "simpler simple simplify sparser sparse minimal calmer calm space spacious emptier basic",
      (.density, -1), (.syncopation, -0.5))
    add("walking walk walks jazz jazzy jazzier", (.walking, 1), (.approach, 0.5))
    add(
      "syncopated syncopation syncopate offbeat offbeats anticipated anticipations push pushed",
      (.syncopation, 1))
    add("disco house dance techno edm", (.floor, 1))
    add("latin bossa bossanova clave samba", (.latin, 1))
    add("octave octaves", (.octaves, 1))
    add("ghost ghosts ghosted", (.ghosts, 1))
    add("approach approaches chromatic leading passing", (.approach, 1))
    add("swing swung swinging swingier shuffle shuffled", (.swing, 1))
    add("straight straighter even", (.swing, -1))
    add("higher high up brighter upper", (.register, 1))
    add("lower low down deeper deep darker", (.register, -1))
    add("laidback behind late lazy lazier relaxed", (.lateness, 1))
    add("driving ahead early urgent energetic", (.lateness, -1), (.loudness, 0.5))
    add("louder loud harder stronger heavier heavy", (.loudness, 1))
    add("softer soft quieter quiet gentle gentler lighter light", (.loudness, -1))
    add("legato longer sustained smooth smoother long", (.length, 1))
    add("staccato shorter tighter tight short punchy punchier", (.length, -1))
    return turns
  }()

  /// Words that scale the next word's meaning.
  static let modifiers: [String: Double] = [
    "more": 1, "much": 1.5, "very": 1.5, "lot": 1.5, "really": 1.5, "way": 1.5,
    "less": -1, "fewer": -1, "not": -1, "no": -1, "without": -1, "don't": -1, "never": -1,
    "bit": 0.5, "little": 0.5, "slightly": 0.5, "somewhat": 0.5,
  ]

  /// Words that belong together when they follow each other.
  static let joined: Set<String> = ["laidback", "offbeat", "offbeats", "bassline", "drumbeat"]

  /// Words that carry no wish of their own.
  static let neutral: Set<String> = [
    "a", "an", "and", "the", "this", "that", "it", "its", "is", "be", "of", "to", "in", "on", "at",
    "for", "with", "but", "or", "so", "my", "me", "i", "you", "please", "make", "give", "let",
    "play", "write", "create", "add", "want", "need", "would", "like", "could", "can", "some",
    "something", "sound", "feel", "keep", "line", "lines", "bass", "bassline", "drums", "drum",
    "drumbeat", "beat", "beats", "melody", "tune", "harmony", "chords", "chord", "part", "track",
    "pattern", "rhythm", "variation", "version", "enhance", "improve", "better", "bit", "just",
    "than", "now", "as", "into", "over", "under", "bar", "bars",
  ]
}
