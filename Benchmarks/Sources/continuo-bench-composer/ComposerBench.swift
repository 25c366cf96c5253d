// SPDX-License-Identifier: MIT
import ContinuoComposer
import ContinuoMusic
import Foundation

/// Times the built-in composer, and puts the judge's figures of its candidates beside chance's.
///
/// A first argument names a folder of replies to judge as well: SCENE-NUMBER.mid, such as 12-1.mid for
/// the first reply to scene 12; whoever wrote them.
@main
enum ComposerBench {
  static let scenes = 500

  static func main() async throws {
    print("Composing 8 bars of 4/4 at 120, 3 candidates, milliseconds")
    print(row(["kind", "median", "99 %", "longest"]))
    for kind in [CompositionKind.bass, .drums, .melody, .harmony, .general] {
      let times = try await times(kind)
      print(
        row([
          kind.rawValue, fixed(times[times.count / 2]), fixed(times[times.count * 99 / 100]),
          fixed(times[times.count - 1]),
        ]))
    }
    print("\nThe judge's means over \(scenes) scenes, 3 candidates each")
    print(row(Tally.heads))
    let folder = CommandLine.arguments.dropFirst().first
    for kind in [CompositionKind.bass, .drums, .melody, .harmony] {
      try await table(kind, replies: folder)
    }
  }

  private static func times(_ kind: CompositionKind) async throws -> [Double] {
    var times: [Double] = []
    let scene = Scene(20)
    for seed in 0..<200 {
      let source =
        switch kind {
        case .bass: scene.bass
        case .drums: scene.drums
        case .harmony: scene.keys
        case .melody, .general: scene.tune
        }
      let request = CompositionRequest(
        kind: kind, text: ["", "groovier", "busier"][seed % 3], source: source,
        context: scene.context, bars: 8, seed: UInt64(seed))
      let start = ContinuousClock.now
      _ = try await BuiltinComposer().compose(request)
      times.append((ContinuousClock.now - start) / .milliseconds(1))
    }
    return times.sorted()
  }

  private static func table(_ kind: CompositionKind, replies: String?) async throws {
    var builtin = Tally()
    var chance = Tally()
    var inKey = Tally()
    var model = Tally()
    for index in 0..<scenes {
      let scene = Scene(index)
      let request = scene.request(seed: UInt64(index))
      guard request.settledKind == kind else { continue }
      let judge = try CandidateJudge(request)
      let found = try await BuiltinComposer().compose(request)
      builtin.add(found.candidates.map(\.pattern), judge, request)
      chance.add(
        (0..<3).map { Chance.pattern(request, scene, index * 3 + $0, inKey: false) }, judge, request
      )
      inKey.add(
        (0..<3).map { Chance.pattern(request, scene, index * 3 + $0, inKey: true) }, judge, request)
      if let replies { model.add(read(index, from: replies), judge, request) }
    }
    print(row(builtin.cells(kind.rawValue, "builtin")))
    print(row(chance.cells("", "random")))
    print(row(inKey.cells("", "in key")))
    if replies != nil { print(row(model.cells("", "replies"))) }
  }

  private static func read(_ scene: Int, from folder: String) -> [Pattern] {
    (1...8).compactMap { number -> Pattern? in
      let file = "\(folder)/\(scene)-\(number).mid"
      guard FileManager.default.fileExists(atPath: file) else { return nil }
      do {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
        return try Pattern(file: StandardMIDIFile(bytes))
      } catch {
        FileHandle.standardError.write(Data("\(file): \(error)\n".utf8))
        return nil
      }
    }
  }

  static func fixed(_ value: Double) -> String { String(format: "%.2f", value) }

  private static func row(_ cells: [String]) -> String {
    cells.map { String(repeating: " ", count: max(0, 8 - $0.count)) + $0 }.joined(separator: " ")
  }
}
