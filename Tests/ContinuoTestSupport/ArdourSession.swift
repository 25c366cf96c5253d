// SPDX-License-Identifier: MIT
public import Foundation

/// A session made for one test, in a folder and with a home of its own.
public struct ArdourSession: Sendable {
  /// A MIDI track and the Standard MIDI File whose notes it begins with; nil for none.
  public struct Track: Sendable {
    public var name: String
    public var notes: [UInt8]?

    public init(_ name: String, notes: [UInt8]? = nil) {
      self.name = name
      self.notes = notes
    }
  }

  /// The session file.
  public let file: URL
  /// What `HOME` is for Ardour.
  public let home: URL
  public let name: String
  public let tracks: [String]
  private let folder: TemporaryFolder

  /// Makes a session with `Scripts/make-demo-session`, as the product's demonstration does.
  ///
  /// - Parameters:
  ///   - tempoChanges: further tempi, each QUARTER=BPM or QUARTER=BPM-BPM for a glide.
  ///   - followsJack: Ardour's transport is JACK's, else its own and sent as MIDI Clock.
  public static func make(
    _ tracks: [Track], name: String = "demo", rate: Int = 48_000, tempo: Double = 104,
    tempoChanges: [String] = [], meter: String = "4/4", audioTracks: [String] = [],
    followsJack: Bool = true,
    capturesByTime: Bool = false
  ) async throws -> ArdourSession {
    let folder = try TemporaryFolder("ardour")
    var pairs: [String] = []
    for (index, track) in tracks.enumerated() {
      var path = ""
      if let notes = track.notes {
        path = folder.file("\(index).mid")
        try Data(notes).write(to: URL(fileURLWithPath: path))
      }
      pairs.append("\(track.name)=\(path)")
    }
    let home = folder.file("home")
    var options = ["--home", home, "--tempo", "\(tempo)", "--meter", meter]
    options += audioTracks.flatMap { ["--audio-track", $0] }
    options += tempoChanges.flatMap { ["--tempo-at", $0] }
    if !followsJack { options += ["--own-clock", "--midi-clock"] }
    if capturesByTime { options.append("--capture-time") }
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Scripts/make-demo-session")
    let maker = try ChildProcess.launch(
      script.path, options + [folder.file("session"), name, "\(rate)"] + pairs)
    let status = try await maker.waitForExit(within: .seconds(90))
    guard status == .exited(0) else {
      throw TestSupportError.ended(
        program: "make-demo-session", status: "\(status)", while: "it made a session",
        errors: maker.errors)
    }
    return ArdourSession(
      file: URL(fileURLWithPath: folder.file("session/\(name).ardour")),
      home: URL(fileURLWithPath: home), name: name, tracks: tracks.map(\.name), folder: folder)
  }
}
