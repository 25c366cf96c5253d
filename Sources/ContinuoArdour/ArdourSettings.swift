// SPDX-License-Identifier: MIT
public import Foundation

/// The settings of Ardour's on which Continuo's place in the song depends, in its two files.
///
/// The session says whether Ardour follows another clock and listens to OSC; the configuration of
/// the whole program says which clock that is, and whether MIDI Clock is sent.
public struct ArdourSettings: Hashable, Sendable {
  /// One of the two files.
  public enum File: Hashable, Sendable {
    /// NAME.ardour.
    case session
    /// `config` in Ardour's settings folder.
    case configuration
  }

  /// A file as it is and as it would be.
  public struct Change: Hashable, Sendable {
    /// The file, links followed.
    public let url: URL
    /// What is there now; nil when there is no file yet.
    public let before: Data?
    /// What would be there.
    public let after: Data

    /// Whether anything would be written.
    public var isNeeded: Bool { before != after }

    /// The lines that go and come, as "-" and "+" with their numbers; long lines shortened.
    public var difference: [String] {
      let old = Self.lines(before ?? Data())
      let new = Self.lines(after)
      return new.difference(from: old).map { change in
        switch change {
        case .remove(let offset, let line, _): (offset, 0, "- \(offset + 1): \(line)")
        case .insert(let offset, let line, _): (offset, 1, "+ \(offset + 1): \(line)")
        }
      }
      .sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map { String($0.2.prefix(300)) }
    }

    private static func lines(_ data: Data) -> [Substring] {
      String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    }
  }

  /// Whether the session follows another clock than Ardour's own.
  public let followsExternalClock: Bool
  /// Which clock that is; nil when the configuration does not say.
  public let transportMaster: String?
  /// Whether MIDI Clock is sent.
  public let sendsMIDIClock: Bool
  /// Whether OSC is switched on and answers whoever asks.
  public let answersOSC: Bool
  /// What the session file would become.
  public let session: Change
  /// What the configuration would become.
  public let configuration: Change

  /// The clock that is JACK's transport.
  public static let jackMaster = "JACK Transport"
  private static let protocolName = "Open Sound Control (OSC)"
  /// Larger configurations are not read, in bytes.
  public static let maximumConfigurationSize = 16 << 20

  /// Reads both files and works out what would have to change in them.
  ///
  /// Throws `ArdourError.unreadable` for a file that is no Ardour's, or that has a document type.
  /// A configuration that is not there yet is one that says nothing.
  public init(session: URL, configuration: URL) throws(ArdourError) {
    let session = session.resolvingSymlinksInPath()
    let saved = try SessionFile.contents(of: session, limit: SessionFile.maximumSize)
    _ = try SessionXML.read(saved, path: session.path)
    let configuration = configuration.resolvingSymlinksInPath()
    let isThere = FileManager.default.fileExists(atPath: configuration.path)
    let settings =
      isThere
      ? try SessionFile.contents(of: configuration, limit: Self.maximumConfigurationSize) : nil
    var now = try Self.read(saved, session, root: "Session")
    followsExternalClock =
      now.value(of: "value", at: "Session", "Config", "Option", named: "external-sync") == "1"
    let osc = ["active", "address-only"].map {
      now.value(
        of: $0, at: "Session", "ControlProtocols", "Protocol", named: Self.protocolName)
    }
    answersOSC = osc[0] == "1" && osc[1] ?? "0" == "0"
    do { try Self.mend(session: &now) } catch { throw Self.unreadable(session, error) }
    self.session = Change(url: session, before: saved, after: Data(now.bytes))
    let text =
      settings ?? Data("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Ardour>\n</Ardour>\n".utf8)
    var global = try Self.read(text, configuration, root: "Ardour")
    transportMaster = global.value(of: "current", at: "Ardour", "TransportMasters")
    sendsMIDIClock = Self.sendsMIDIClock(&global)
    do { try Self.mend(configuration: &global) } catch {
      throw Self.unreadable(configuration, error)
    }
    self.configuration = Change(url: configuration, before: settings, after: Data(global.bytes))
  }

  /// Whether the program's configuration at `url` says that MIDI Clock is sent; false for none.
  public static func sendsMIDIClock(_ url: URL) -> Bool {
    guard let data = try? SessionFile.contents(of: url, limit: maximumConfigurationSize),
      var text = try? read(data, url, root: "Ardour")
    else { return false }
    return sendsMIDIClock(&text)
  }

  private static func sendsMIDIClock(_ text: inout XMLText) -> Bool {
    text.value(of: "value", at: "Ardour", "Config", "Option", named: "send-midi-clock") == "1"
  }

  private static func read(
    _ data: Data, _ url: URL, root: String
  ) throws(ArdourError) -> XMLText {
    guard String(validating: data, as: UTF8.self) != nil else {
      throw .unreadable(path: url.path, reason: "it is not in UTF-8")
    }
    let text: XMLText
    do { text = try XMLText(data) } catch { throw unreadable(url, error) }
    guard text.has(root) else {
      throw .unreadable(path: url.path, reason: "it is no file of Ardour's")
    }
    return text
  }

  private static func unreadable(_ url: URL, _ error: XMLText.Malformed) -> ArdourError {
    .unreadable(path: url.path, reason: "\(error.reason), see line \(error.line)")
  }

  private static func mend(session text: inout XMLText) throws(XMLText.Malformed) {
    let sync = #"<Option name="external-sync" value="1"/>"#
    if try !text.set("value", to: "1", at: "Session", "Config", "Option", named: "external-sync"),
      try !text.append([sync], to: "Session", "Config")
    {
      try text.append(["<Config>", "  \(sync)", "</Config>"], to: "Session")
    }
    let line =
      "<Protocol name=\"\(protocolName)\" active=\"1\" debugmode=\"0\" address-only=\"0\" "
      + "remote-port=\"8000\" banksize=\"0\" striptypes=\"159\" feedback=\"0\" gainmode=\"0\" "
      + "send-page-size=\"0\" plug-page-size=\"0\"/>"
    if text.has("Session", "ControlProtocols", "Protocol", named: protocolName) {
      for (attribute, value) in [("active", "1"), ("address-only", "0")] {
        try text.set(
          attribute, to: value, at: "Session", "ControlProtocols", "Protocol", named: protocolName)
      }
    } else if try !text.append([line], to: "Session", "ControlProtocols") {
      try text.append(["<ControlProtocols>", "  \(line)", "</ControlProtocols>"], to: "Session")
    }
  }

  private static func mend(configuration text: inout XMLText) throws(XMLText.Malformed) {
    let engine = "<TransportMaster type=\"Engine\" name=\"\(jackMaster)\" removeable=\"0\"/>"
    if try text.set("current", to: jackMaster, at: "Ardour", "TransportMasters") {
      if !text.has("Ardour", "TransportMasters", "TransportMaster", named: jackMaster) {
        try text.append([engine], to: "Ardour", "TransportMasters")
      }
    } else {
      let others = [("MTC", "MTC"), ("LTC", "LTC"), ("MIDIClock", "MIDI Clock")].map {
        "  <TransportMaster type=\"\($0.0)\" name=\"\($0.1)\" removeable=\"0\"/>"
      }
      try text.append(
        ["<TransportMasters current=\"\(jackMaster)\">", "  \(engine)"] + others
          + ["</TransportMasters>"], to: "Ardour")
    }
    let clock = #"<Option name="send-midi-clock" value="1"/>"#
    if try !text.set("value", to: "1", at: "Ardour", "Config", "Option", named: "send-midi-clock"),
      try !text.append([clock], to: "Ardour", "Config")
    {
      try text.append(["<Config>", "  \(clock)", "</Config>"], to: "Ardour")
    }
  }
}
