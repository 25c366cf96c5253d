// SPDX-License-Identifier: MIT
import ArgumentParser
import ContinuoSession

struct RegionsCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "regions",
    abstract: "Tells what lies on the tracks, as the session was saved last.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The track; every MIDI track otherwise.")
  var track: String?

  @Flag(help: "Tell and draw the notes too.")
  var notes = false

  var action: Action {
    .command(
      .regions(request: RegionsRequest(track: track, showsNotes: notes)), .instanceOrOwn)
  }
}

struct RefreshCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "refresh", abstract: "Lets Ardour save the session, and reads it again.")

  @OptionGroup var common: CommonOptions

  @Flag(help: "Allow Ardour to save over the session's file.")
  var yes = false

  var action: Action { .command(.refresh(isAllowed: yes), .instanceOrOwn) }
}

struct SaveStateCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "save-state", abstract: "Puts away what is followed, connected and made.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The file to write, ending in .json; the project's otherwise.")
  var file: String?

  var action: Action { .command(.saveState(file: file), .instanceOnly) }
}

struct LoadStateCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "load-state", abstract: "Takes up again what save-state put away.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The file to read, ending in .json; the project's otherwise.")
  var file: String?

  var action: Action { .command(.loadState(file: file), .instanceOnly) }
}
