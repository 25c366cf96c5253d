// SPDX-License-Identifier: MIT
import ContinuoComposer
import ContinuoMusic

/// Replies of every sort that models, networks and ill will produce.
enum ModelReplyCorpus {
  struct Reply: CustomStringConvertible {
    var name: String
    var text: String
    /// What must come of it; nil where either a candidate or a refusal will do.
    var isPlayable: Bool?
    var description: String { name }
  }

  /// Four bars of bass as a good model writes them.
  static let good = patterns((0..<4).map(bar))

  static func patterns(_ bars: [String], extra: String = "") -> String {
    #"{"patterns":[{"name":"Off-beat roots","description":"Pushes the root","confidence":0.8,"bars":["#
      + bars.joined(separator: ",") + "]" + extra + "}]}"
  }

  static func bar(_ index: Int) -> String {
    let pitches = ["A1", "D2", "G1", "C2"]
    let root = pitches[index % 4]
    return #"{"notes":[{"at":1,"pitch":"\#(root)","len":3,"vel":100},"#
      + #"{"at":4,"pitch":"\#(root)","len":2,"vel":70},{"at":7,"pitch":"E2","len":2,"vel":85},"#
      + #"{"at":11,"pitch":"\#(root)","len":2,"vel":85},{"at":15,"pitch":"G2","len":2,"vel":50}]}"#
  }

  static let cells =
    #"{"patterns":[{"bars":[["R",".","5","R",".","8","-","a"],["R","-",".","R","5",".","8","5"],"#
    + #"["R",".",".","5","-","R",".","7"],["R","R",".","3","5","-","8","."]]}]}"#

  static let list =
    "["
    + (0..<8).map {
      #"{"pitch":\#(33 + $0 % 4 * 2),"start":\#(Double($0) * 2),"duration":1.5,"velocity":90}"#
    }
    .joined(separator: ",") + "]"

  static let tuples =
    #"{"notes":[[33,0,1,90],[33,1.5,0.5,80],[38,4,1,90],[43,8,2,90],[36,12,1,90],[36,14.5,1,70]]}"#

  static let wellFormed: [Reply] = {
    let forms = [
      ("notes", good), ("cells", cells), ("list", list), ("tuples", tuples),
      ("one pattern", #"{"name":"x","notes":\#(list)}"#),
      ("pattern with start_beat", list.replacing("start", with: "start_beat")),
      ("note names", list.replacing("\"pitch\":33", with: "\"note\":\"A1\"")),
      (
        "bars as text",
        #"{"bars":["R . 5 - R . 8 a","R - . 5 R . 8 5","R . . 5 R - 8 7","R R . 3 5 - 8 ."]}"#
      ),
      ("capital keys", list.replacing("pitch", with: "Pitch").replacing("start", with: "Start")),
      ("bar and beat", barsAndBeats),
      (
        "numbers as texts",
        list.replacing(":90", with: ":\"90\"").replacing("\"start\":2.0", with: "\"start\":\"2\"")
      ),
      ("several", #"{"patterns":[{"bars":\#(bars(good))},{"bars":\#(bars(cells))}]}"#),
      ("arrays of arrays", "[\(list),\(list.replacing("33", with: "40"))]"),
      ("trailing comma", list.dropLast() + ",]"),
      ("pretty", good.replacing(",", with: ",\n  ").replacing("{", with: "{\n")),
      ("no quotes", list.replacing("\"", with: "")),
      ("escaped", #"{"patterns":[{"na\u006de":"Caf\u00e9 \ud83c\udfb5","bars":\#(bars(good))}]}"#),
    ]
    let wraps: [(String, (String) -> String)] = [
      ("bare", { $0 }), ("fence", { "```json\n\($0)\n```" }),
      ("prose", { "Sure! Here is your line:\n\($0)\nEnjoy [it] {a lot}!" }),
      ("thinking", { "<think>A {minor} riff [maybe] …</think>\n\($0)" }),
      ("wrapped", { "{\"result\":\($0),\"ok\":true}" }),
    ]
    return forms.flatMap { form in
      wraps.map { wrap in
        Reply(name: "\(form.0), \(wrap.0)", text: wrap.1(String(form.1)), isPlayable: true)
      }
    }
  }()

  private static func bars(_ text: String) -> String {
    let start = text.firstRange(of: "\"bars\":")?.upperBound ?? text.startIndex
    return String(text[start...].dropLast(3))
  }

  private static let barsAndBeats =
    "["
    + (0..<8).map { #"{"bar":\#($0 / 2 + 1),"beat":\#($0 % 2 * 2 + 1),"pitch":"A1","length":1}"# }
    .joined(separator: ",") + "]"

  static var truncated: [Reply] {
    [("notes", good), ("cells", cells), ("list", list)].flatMap { name, text in
      stride(from: 0, to: text.utf8.count, by: 50).map { count in
        Reply(
          name: "\(name) cut at \(count)",
          text: String(decoding: text.utf8.prefix(count), as: UTF8.self))
      }
    }
  }

  static var broken: [Reply] {
    func note(_ members: String) -> Reply {
      Reply(name: members, text: list.dropLast() + ",{\(members)}]", isPlayable: true)
    }
    let numbers = [
      "1e308", "-1e308", "1e999", "-1", "NaN", "Infinity", "9223372036854775808", "0", "128",
      "1e-320", "null", "true", "[]", "{}", "\"\"", "\"C99\"", "[[1]]",
    ]
    let odd = numbers.flatMap { value in
      [
        note("\"pitch\":\(value),\"start\":1,\"duration\":1"),
        note("\"pitch\":40,\"start\":\(value),\"duration\":1"),
        note("\"pitch\":40,\"start\":1,\"duration\":\(value)"),
        note("\"pitch\":40,\"start\":1,\"duration\":1,\"velocity\":\(value)"),
      ]
    }
    let bad = [
      "", " ", "null", "42", "\"text\"", "[]", "{}", "[[]]", "{\"patterns\":[]}",
      "{\"patterns\":null}",
      "{\"patterns\":[{\"bars\":[]}]}", "{\"bars\":[[],[],[],[]]}", "I cannot help with that.",
      "{\"notes\":\"A1 C2\"}", "<html><body>502</body></html>", "{\"error\":\"overloaded\"}",
      "]]]}}}",
      String(repeating: "{", count: 5000), String(repeating: "[", count: 10_000),
      String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000),
      String(repeating: "{\"notes\":", count: 10_000), String(repeating: "\"", count: 10_001),
      "{\"bars\":[[\".\",\".\"],[\".\",\".\"],[\".\"],[]]}",
      String(repeating: "\\u0000", count: 999),
      "{\"notes\":[{\"pitch\":{\"pitch\":{}},\"start\":[]}]}",
    ].enumerated().map { Reply(name: "no music \($0)", text: $1, isPlayable: false) }
    return odd + bad
  }

  static var huge: [Reply] {
    let many = "[" + String(repeating: list.dropFirst().dropLast() + ",", count: 20_000) + "{}]"
    return [
      Reply(name: "\(many.utf8.count) bytes of notes", text: many),
      Reply(
        name: "10 MB of prose, then notes",
        text: String(repeating: "la la la ", count: 1_200_000) + good, isPlayable: true),
      Reply(
        name: "10 MB of one text",
        text: "{\"name\":\"" + String(repeating: "x", count: 10_000_000) + "\",\"notes\":\(list)}",
        isPlayable: true),
      Reply(
        name: "a thousand patterns", text: "[" + String(repeating: list + ",", count: 1000) + "[]]",
        isPlayable: true),
      Reply(
        name: "ten thousand deep round the notes",
        text: String(repeating: "[", count: 10_000) + good, isPlayable: true),
    ]
  }

  static var junk: [Reply] {
    let marks = [
      "\u{202E}", "\u{0}", "\u{FEFF}", "🎵🎶", "e\u{301}\u{301}\u{301}", "\u{1B}[31m", "\u{FFFF}",
      "ZALGO̷̡̢", "\u{200B}", "‮{",
    ]
    return marks.flatMap { mark in
      [
        Reply(
          name: "junk before \(mark.unicodeScalars.map(\.value))", text: mark + good,
          isPlayable: true),
        Reply(
          name: "junk in a name \(mark.unicodeScalars.map(\.value))",
          text: good.replacing("Off-beat", with: mark), isPlayable: nil),
      ]
    }
  }

  static var all: [Reply] { wellFormed + truncated + broken + huge + junk }
}
