// SPDX-License-Identifier: MIT
import ContinuoOSC
import ContinuoTestSupport
import Foundation
import Testing

@testable import ContinuoArdour

struct SavedStateDoubtsTests {
  let folder: TemporaryFolder
  let file: SessionFile

  init() throws {
    folder = try TemporaryFolder("doubts")
    let path = try folder.write(
      """
      <Session name="s" sample-rate="48000"><Routes>
      <Route id="1" name="Bass" midi-playlist="9"/><Route id="2" name="Master"/>
      </Routes></Session>
      """, to: "s.ardour")
    file = try SessionFile(URL(fileURLWithPath: path))
  }

  private func state(_ tracks: String...) throws -> ArdourState {
    var state = ArdourState()
    state.strips = try tracks.enumerated().map { index, name in
      try #require(
        ArdourStrip(
          answered: OSCMessage(
            "/strip",
            [.int32(Int32(index + 1)), .string("MT"), .string(name)]
              + [0, 1, 0, 0, 0].map { OSCArgument.int32($0) })))
    }
    return state
  }

  @Test func `nothing seen is no doubt`() throws {
    #expect(SavedStateDoubts(file, against: try state("Bass")).reasons == [])
    #expect(SavedStateDoubts(file, against: ArdourState()).reasons == [])
  }

  @Test func `a track made, lost or renamed since the save is told`() throws {
    #expect(
      SavedStateDoubts(file, against: try state("Bass", "Keys")).reasons == [
        "\"Keys\" is in Ardour but not in the file"
      ])
    #expect(
      SavedStateDoubts(file, against: try state("Low Bass")).reasons == [
        "\"Low Bass\" is in Ardour but not in the file",
        "\"Bass\" is in the file but not in Ardour",
      ])
  }

  @Test func `a recording now is told`() throws {
    var state = try state("Bass")
    state.recordsGlobally = true
    state.hasArmedTrack = true
    state.speed = 1
    #expect(SavedStateDoubts(file, against: state).reasons == ["Ardour is recording now"])
  }

  @Test(arguments: [
    (bytes: 40, after: 60.0, true), (26, 60, false), (40, 1, false), (40, -9, false),
  ])
  func `notes written after the save are told, Ardour's empty tracks are not`(
    bytes: Int, after: Double, told: Bool
  ) throws {
    let midi = folder.url.appendingPathComponent("interchange/s/midifiles")
    try FileManager.default.createDirectory(at: midi, withIntermediateDirectories: true)
    let source = midi.appendingPathComponent("Take1_Bass-1.mid")
    try Data(count: bytes).write(to: source)
    try FileManager.default.setAttributes(
      [.modificationDate: file.savedAt + after], ofItemAtPath: source.path)
    let reasons = SavedStateDoubts(file, against: try state("Bass")).reasons
    #expect(reasons == (told ? ["Take1_Bass-1.mid was written after the session was saved"] : []))
  }
}
