// SPDX-License-Identifier: MIT
import ArgumentParser
import ContinuoSession

struct ConfigRootCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Tells each setting and where it comes from, and changes them.",
    subcommands: [Show.self, Set.self, Init.self], defaultSubcommand: Show.self)

  struct Show: Invocable {
    static let configuration = CommandConfiguration(
      abstract: "Tells each setting and where it comes from (what happens by itself).")

    @OptionGroup var common: CommonOptions

    var action: Action { .job(.config(.show)) }
  }

  struct Set: Invocable {
    static let configuration = CommandConfiguration(
      abstract: "Sets one in the file; its comments stay.")

    @OptionGroup var common: CommonOptions

    @Argument(help: "The setting, such as ardour-port.")
    var key: String

    @Argument(help: "Its value.")
    var value: String

    var action: Action { .job(.config(.set(key: key, value: value))) }
  }

  struct Init: Invocable {
    static let configuration = CommandConfiguration(
      abstract: "Asks three questions and writes the file, with every setting explained.")

    @OptionGroup var common: CommonOptions

    var action: Action { .job(.config(.create([:]))) }
  }
}
