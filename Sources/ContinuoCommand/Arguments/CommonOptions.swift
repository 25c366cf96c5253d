// SPDX-License-Identifier: MIT
public import ArgumentParser
public import ContinuoSession

/// The options of every command.
struct CommonOptions: ParsableArguments {
  @Option(help: "The JACK server's name (CONTINUO_SERVER).")
  var server: String?

  @Option(help: "This instance's and JACK client's name (CONTINUO_NAME; otherwise continuo).")
  var name: String?

  @Option(help: "Ardour's OSC port (CONTINUO_ARDOUR_PORT; otherwise found in 3819…3838).")
  var ardourPort: Int?

  @Flag(help: "Answer with one JSON object on standard output.")
  var json = false

  var flags: Settings.Flags {
    Settings.Flags(
      server: server, name: name, ardourPort: ardourPort)
  }
}

/// Who composes, for the commands that compose and for the prompt.
struct ModelOptions: ParsableArguments {
  @Option(help: "Who composes: builtin, openai, anthropic or local (CONTINUO_PROVIDER).")
  var provider: ComposerProvider?

  @Option(
    name: .customLong("base-url"), help: "Where the provider's server is (CONTINUO_BASE_URL).")
  var baseURL: String?

  @Option(help: "The provider's model (CONTINUO_MODEL).")
  var model: String?

  func choice(dryRun: Bool = false) -> ModelChoice {
    ModelChoice(provider: provider, baseURL: baseURL, model: model, dryRun: dryRun)
  }
}

extension ModelAction: ExpressibleByArgument {}
extension PartKind: ExpressibleByArgument {}
extension Quantise: ExpressibleByArgument {}
extension ComposerProvider: ExpressibleByArgument {}
