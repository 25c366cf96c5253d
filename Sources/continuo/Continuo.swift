// SPDX-License-Identifier: MIT
import ArgumentParser

@main
struct Continuo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "continuo", abstract: "A real-time MIDI client for musicians.")
}
