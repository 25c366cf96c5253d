// SPDX-License-Identifier: MIT
public import ArgumentParser
internal import ContinuoMusic
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

/// How a composer is asked, for the commands that ask one of the running instance.
struct ComposingOptions: ParsableArguments {
  @Option(help: "Makes the built-in composer repeat itself.")
  var seed: UInt64?

  @Option(help: "Candidates to make, 1…8.")
  var count: Int?

  @OptionGroup var model: ModelOptions

  @OptionGroup var numbers: NumberOptions

  @Flag(
    name: .customLong("dry-run"), help: "Show exactly what a model would be sent; send nothing.")
  var dryRun = false

  /// Who composes, and whether anything is sent; nil when nothing is said of it.
  var choice: ModelChoice? {
    let choice = model.choice(dryRun: dryRun)
    return choice == ModelChoice() ? nil : choice
  }
}

/// What a request asks for by number.
struct NumberOptions: ParsableArguments {
  @Option(help: "Notes a quarter, 0.05…8.")
  var density: Double?

  @Option(help: "The note the part lies about, such as C2.")
  var register: KeyArgument?

  @Option(help: "The most notes at once, 1…10.")
  var voices: Int?

  @Option(help: "The first eighth over the second, 1…3: 1 is even, 2 a triplet.")
  var swing: Double?

  /// Nil when nothing is asked for.
  var numbers: RequestNumbers? {
    let numbers = RequestNumbers(
      density: density, register: register?.key, voices: voices, swing: swing)
    return numbers.isEmpty ? nil : numbers
  }
}

/// A key by name or number: C2, 36.
struct KeyArgument: ExpressibleByArgument {
  var key: Int

  init?(argument: String) {
    guard let key = Int(argument) ?? (try? PitchName.key(argument)).map({ Int($0) }) else {
      return nil
    }
    self.key = key
  }
}

extension ControlAction: ExpressibleByArgument {}
extension ModelAction: ExpressibleByArgument {}
extension PartKind: ExpressibleByArgument {}
extension Quantise: ExpressibleByArgument {}
extension ComposerProvider: ExpressibleByArgument {}
