// SPDX-License-Identifier: MIT
import ContinuoComposer
import ContinuoLLM
import ContinuoMusic
import Foundation

/// Times the built-in composer, and puts the judge's figures of its candidates beside chance's.
///
/// A first argument names a folder of replies to judge as well: SCENE-NUMBER.mid, such as 12-1.mid for
/// the first reply to scene 12; whoever wrote them. An address (http://…) in its place is a model's
/// server, a second argument the model's name: every `modelStride`th scene is put to it, for one
/// candidate.
@main
enum ComposerBench {
  static let scenes = 500
  static let modelStride = 12

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
    let arguments = CommandLine.arguments.dropFirst()
    let given = arguments.first
    let model = try given.flatMap {
      $0.hasPrefix("http") ? try ModelComposer(at: $0, model: arguments.dropFirst().first) : nil
    }
    let folder = model == nil ? given : nil
    for kind in [CompositionKind.bass, .drums, .melody, .harmony] {
      try await table(kind, replies: folder, asking: model)
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

  private static func table(
    _ kind: CompositionKind, replies: String?, asking composer: ModelComposer?
  ) async throws {
    var builtin = Tally()
    var chance = Tally()
    var inKey = Tally()
    var model = Tally()
    var (asked, seconds) = (0, 0.0)
    var refusals: [String: Int] = [:]
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
      if let composer, index % modelStride == 0 {
        var one = request
        one.count = 1
        asked += 1
        let start = ContinuousClock.now
        do {
          let made = try await composer.compose(one) { _ in }
          model.add(made.candidates.map(\.pattern), judge, request)
        } catch {
          refusals["\(error)", default: 0] += 1
        }
        seconds += (ContinuousClock.now - start) / .seconds(1)
      }
      if let replies { model.add(read(index, from: replies), judge, request) }
    }
    print(row(builtin.cells(kind.rawValue, "builtin")))
    print(row(chance.cells("", "random")))
    print(row(inKey.cells("", "in key")))
    if replies != nil || composer != nil { print(row(model.cells("", "model"))) }
    if asked > 0 {
      let unusable = refusals.values.reduce(0, +)
      print("  asked \(asked), \(unusable) unusable, \(fixed(seconds / Double(asked))) s each")
      for (reason, count) in refusals.sorted(by: { $0.value > $1.value }) {
        print("    \(count) times: \(reason)")
      }
    }
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

extension ModelComposer {
  /// Asks the server at `url`, without a key; nobody stands in.
  fileprivate init(at url: String, model: String?) throws {
    let endpoint = try ModelEndpoint(dialect: .openai, baseURL: url, model: model)
    let keys = KeySource(variable: "OPENAI_API_KEY", value: nil)
    self.init(client: ModelClient(endpoint: endpoint, keys: keys), standIn: .never)
  }
}
