// SPDX-License-Identifier: MIT
import ContinuoTestSupport
import Foundation
import Testing

@testable import ContinuoArdour

struct ArdourSettingsTests {
  let folder: TemporaryFolder
  let none = RunningArdour(processes: URL(fileURLWithPath: "/nonexistent"))

  init() throws { folder = try TemporaryFolder("settings") }

  static let session = """
    <?xml version="1.0" encoding="UTF-8"?>
    <Session name="s" sample-rate="48000">
      <Config>
        <!-- <Option name="external-sync" value="7"/> -->
        <Option name="external-sync" value="0"/>
        <Option name="x" value="a > b"/>
      </Config>
      <ControlProtocols>
        <Protocol name="Generic MIDI" active="0"/>
        <Protocol name="Open Sound Control (OSC)" active="0" feedback="3"/>
      </ControlProtocols>
    </Session>

    """

  func settings(_ session: String = session, _ configuration: String? = nil) throws
    -> ArdourSettings
  {
    let file = try folder.write(session, to: "s.ardour")
    if let configuration { _ = try folder.write(configuration, to: "config") }
    return try ArdourSettings(
      session: URL(fileURLWithPath: file),
      configuration: folder.url.appendingPathComponent("config"))
  }

  @Test func `only the lines that must change are changed, and they are shown`() throws {
    let settings = try settings()
    #expect(!settings.followsExternalClock && !settings.answersOSC && !settings.sendsMIDIClock)
    #expect(settings.transportMaster == nil)
    #expect(
      settings.session.difference == [
        #"- 5:     <Option name="external-sync" value="0"/>"#,
        #"+ 5:     <Option name="external-sync" value="1"/>"#,
        #"- 10:     <Protocol name="Open Sound Control (OSC)" active="0" feedback="3"/>"#,
        #"+ 10:     <Protocol name="Open Sound Control (OSC)" active="1" feedback="3" "#
          + #"address-only="0"/>"#,
      ])
    let text = String(decoding: settings.configuration.after, as: UTF8.self)
    #expect(text.contains(#"  <TransportMasters current="JACK Transport">"#))
    #expect(text.contains(#"    <Option name="send-midi-clock" value="1"/>"#))
  }

  @Test(arguments: [
    "<Ardour/>", "<Ardour><Config/><TransportMasters current='MTC'/></Ardour>",
    "<Ardour>\n  <Config>\n    <Option name=\"send-midi-clock\" value=\"0\"/>\n  </Config>\n"
      + "  <TransportMasters current=\"MTC\">\n  </TransportMasters>\n</Ardour>\n",
  ])
  func `what is written is what is wanted, and a second time nothing is`(
    configuration: String
  ) throws {
    let first = try settings("<Session sample-rate=\"48000\"><A/></Session>", configuration)
    #expect(first.session.isNeeded && first.configuration.isNeeded)
    let copies = try first.write(refusing: none)
    #expect(copies.count == 2)
    #expect(copies.map { $0.pathExtension }.allSatisfy { $0 != "ardour" })
    #expect(try String(contentsOf: copies[1], encoding: .utf8) == configuration)
    let again = try ArdourSettings(
      session: first.session.url, configuration: first.configuration.url)
    #expect(again.followsExternalClock && again.answersOSC && again.sendsMIDIClock)
    #expect(again.transportMaster == "JACK Transport")
    #expect(!again.session.isNeeded && !again.configuration.isNeeded)
    #expect(try again.write(refusing: none) == [])
  }

  @Test func `the file's rights and a link to it stay, and a copy overwrites no other`() throws {
    let real = try folder.write("<Ardour/>", to: "dotfiles")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: real)
    let link = folder.url.appendingPathComponent("config")
    try FileManager.default.createSymbolicLink(
      at: link, withDestinationURL: URL(fileURLWithPath: real))
    let moment = Date(timeIntervalSince1970: 1_000_000_000)
    let first = try settings().write(refusing: none, now: moment)
    _ = try folder.write("<Ardour/>", to: "dotfiles")
    let second = try settings().write(refusing: none, now: moment)
    #expect(Set(first + second).count == 4)
    let values = try FileManager.default.attributesOfItem(atPath: link.path)
    #expect(values[.type] as? FileAttributeType == .typeSymbolicLink)
    #expect(
      try FileManager.default.attributesOfItem(atPath: first[1].path)[.posixPermissions] as? Int
        == 0o600)
    #expect(try String(contentsOfFile: real, encoding: .utf8).contains("send-midi-clock"))
  }

  @Test func `a file that changed since it was shown is left alone`() throws {
    let shown = try settings()
    let other = Self.session.replacingOccurrences(of: "a > b", with: "c")
    _ = try folder.write(other, to: "s.ardour")
    #expect(throws: ArdourError.self) { try shown.write(refusing: none) }
    #expect(try String(contentsOf: shown.session.url, encoding: .utf8) == other)
  }

  @Test(arguments: [
    "<!DOCTYPE a><Ardour/>", "<Ardour><Config></Ardour>", "<Ardour", "", "<Ardour a=b/>",
    "<Other/>", "<Ardour/><Ardour/>", "<Ardour><![CDATA[</Ardour>",
    String(repeating: "<a>", count: 5000),
  ])
  func `a configuration that is none is refused`(configuration: String) throws {
    #expect(throws: ArdourError.self) { try settings(Self.session, configuration) }
  }

  @Test func `a running Ardour that would overwrite the files is seen`() throws {
    let processes = folder.url.appendingPathComponent("proc")
    let settings = folder.url.appendingPathComponent("home/.config/ardour7")
    let session = folder.url.appendingPathComponent("song/song.ardour")
    func process(_ id: Int, _ program: String, _ environment: String, _ line: String) throws {
      let place = processes.appendingPathComponent("\(id)")
      for each in [place.appendingPathComponent("fd"), settings] {
        try FileManager.default.createDirectory(at: each, withIntermediateDirectories: true)
      }
      try FileManager.default.createSymbolicLink(
        atPath: place.appendingPathComponent("exe").path, withDestinationPath: program)
      try Data(environment.utf8).write(to: place.appendingPathComponent("environ"))
      try Data(line.utf8).write(to: place.appendingPathComponent("cmdline"))
    }
    let home = "HOME=\(folder.url.path)/home\0A=b\0"
    let folder = session.deletingLastPathComponent().path
    try process(1, "/usr/lib/ardour7/hardour-7.3", home, "hardour\0/elsewhere\0s\0")
    try process(2, "/usr/lib/ardour7/ardour-7.3", "HOME=/other\0", "ardour\0\(folder)\0")
    try process(3, "/usr/lib/ardour7/ardour-7.3", "HOME=/other\0", "ardour\0/elsewhere\0")
    try process(4, "/usr/bin/emacs", home, "emacs\0\(folder)/song.ardour\0")
    try process(5, "/usr/lib/ardour7/ardour-7.3", "", "ardour\0")
    let found = RunningArdour(processes: processes)
      .using(configurationFolder: settings, session: session)
    #expect(found == [1, 2, 5])
  }
}
