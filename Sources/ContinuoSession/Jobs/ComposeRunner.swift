// SPDX-License-Identifier: MIT
internal import ContinuoAnalysis
internal import ContinuoComposer
internal import ContinuoMusic
internal import Foundation

/// `continuo compose`: candidates for a file, each into a file of its own.
struct ComposeRunner {
  let job: ComposeJob
  let settings: Settings
  let progress: ProgressSink

  func run() async -> Reply {
    do {
      let read = try FileVoices(path: job.context)
      let context = read.context
      let source = voice(read, context)
      let seed = job.seed ?? UInt64.random(in: 0...UInt64(UInt32.max))
      let model = settings.model.with(job.model)
      let task = ComposingTask(
        kind: job.kind, text: job.request ?? "", source: source, context: context,
        neighbours: read.voices.filter { $0 != source }, bars: job.bars, seed: seed,
        count: job.count ?? 3)
      if job.model.dryRun { return try Composing.preview(task, model) }
      let made = try await Composing.compose(
        task, model, standIn: .whenUnusable, progress: progress)
      let files = try write(made.candidates, read)
      let lines = zip(made.candidates, files).flatMap { candidate, file in
        [
          "\(candidate.name)  (score \(decimal(candidate.score)), \(candidate.composer))  \(file)",
          "   \(candidate.summary)",
        ]
      }
      return .done(
        made.remarks + lines,
        data: [
          "provider": .string(model.provider.rawValue), "answer": .object(made.data),
          "kind": .string(job.kind.rawValue),
          "bars": .int(job.bars), "seed": .string(String(seed)), "source": .string(source.name),
          "notes": .array(made.remarks.map { .string($0) }),
          "candidates": .array(
            zip(made.candidates, files).map { candidate, file in
              [
                "file": .string(file), "name": .string(candidate.name),
                "summary": .string(candidate.summary), "composer": .string(candidate.composer),
                "score": .number(candidate.score), "figures": candidate.figures,
                "notes": .int(candidate.pattern.notes.count),
              ]
            }),
        ])
    } catch let failure as CommandFailure {
      return .failed(failure)
    } catch is CancellationError {
      return .cancelled
    } catch {
      return .failed(.failed, "\(error)")
    }
  }

  /// The voice that plays the part asked for; an empty one when the file has none.
  private func voice(_ read: FileVoices, _ context: MusicContext) -> Pattern {
    let wanted: Role? =
      switch job.kind {
      case .bass: .bass
      case .drums: .drums
      case .melody: .melody
      case .harmony: .harmony
      case .general: nil
      }
    let fitting = zip(read.voices, context.tracks).filter {
      wanted == nil || $1.role.role == wanted
    }
    .max { $0.1.role.confidence < $1.1.role.confidence }
    return fitting?.0
      ?? Pattern(
        name: job.kind.rawValue, notes: [], length: Beats(context.length), meter: read.meter)
  }

  private func write(
    _ candidates: [ShelvedCandidate], _ read: FileVoices
  ) throws -> [String] {
    let folder = URL(fileURLWithPath: job.output)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return try candidates.enumerated().map { index, candidate in
      let file = folder.appendingPathComponent("\(job.kind.rawValue)-\(index + 1).mid").path
      _ = try PatternFile.write(candidate.pattern, tempo: read.tempo, to: file)
      return file
    }
  }
}
