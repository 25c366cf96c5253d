// SPDX-License-Identifier: MIT

/// Hears a log again: what `continuo replay` does.
struct ReplayRunner {
  let file: String
  let settings: Settings

  /// The transcript, failed when the log is broken or a reply differs.
  func run() async -> Reply {
    do {
      return await Self.replay(try SessionRecording(path: file), settings)
    } catch {
      return .failed(error)
    }
  }

  /// Hears `recording`.
  static func replay(_ recording: SessionRecording, _ settings: Settings) async -> Reply {
    let replayer = Replayer(recording, settings)
    guard await replayer.run() else { return .cancelled }
    return replayer.transcript.reply
  }
}
