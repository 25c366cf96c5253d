// SPDX-License-Identifier: MIT
internal import ContinuoComposer
internal import ContinuoLLM
internal import Foundation

/// Who composes, as a flag or a request says; nil for what it does not.
public struct ModelChoice: Codable, Hashable, Sendable {
  /// Who composes.
  public var provider: ComposerProvider?
  /// Where the provider's server is.
  public var baseURL: String?
  /// The provider's model.
  public var model: String?
  /// Show what would be sent, and send nothing.
  public var dryRun: Bool

  /// Makes a choice.
  public init(
    provider: ComposerProvider? = nil, baseURL: String? = nil, model: String? = nil,
    dryRun: Bool = false
  ) {
    self.provider = provider
    self.baseURL = baseURL
    self.model = model
    self.dryRun = dryRun
  }

  func check() throws(CommandError) {
    if let baseURL {
      guard baseURL.hasPrefix("http://") || baseURL.hasPrefix("https://") else {
        throw .badSetting(
          name: "--base-url", value: baseURL, reason: "it must begin with http:// or https://")
      }
      try Check.text("the base URL", baseURL, characters: 1000)
    }
    if let model { try Check.name("model", model) }
  }
}

/// Which language model is asked, and where its key lies; see docs/models.md.
public struct ModelSettings: Hashable, Sendable {
  /// Who composes when a request does not say.
  public var provider: ComposerProvider
  /// Where the provider's server is; nil for its usual address.
  public var baseURL: String?
  /// The provider's model; nil for what the server has.
  public var model: String?
  /// The state file of the local model.
  let localFile: String
  private let environment: Variables
  private let configFolder: URL?
  private let stateFolder: URL?

  /// The variables that are read, whose values no description shows: keys are among them.
  private struct Variables: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    var values: [String: String]
    var description: String { "\(values.count) variables" }
    var customMirror: Mirror { Mirror(self, children: []) }
    subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }
  }

  private static let names = [
    "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "CONTINUO_KEY_COMMAND", "CONTINUO_KEY_FILE",
    "CONTINUO_MODEL_FORM", "CONTINUO_MODEL_PRICES", "CONTINUO_MODEL_SECONDS",
    "CONTINUO_MODEL_HEADERS", "SSL_CERT_FILE",
  ]

  /// Reads `CONTINUO_PROVIDER`, `CONTINUO_BASE_URL` and `CONTINUO_MODEL`, which flags win over.
  ///
  /// - Throws: `CommandError.badSetting`, naming the flag or the variable.
  init(
    flags: ModelChoice, environment: [String: String], runtimeFolder: RuntimeFolder,
    stateFolder: URL?
  ) throws(CommandError) {
    let variables = Variables(values: environment.filter { Self.names.contains($0.key) })
    func variable(_ name: String) -> String? {
      environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
    var choice = flags
    if choice.provider == nil, let name = variable("CONTINUO_PROVIDER") {
      guard let provider = ComposerProvider(rawValue: name) else {
        throw .badSetting(
          name: "CONTINUO_PROVIDER", value: name,
          reason: "it must be one of "
            + ComposerProvider.allCases.map(\.rawValue).joined(separator: ", "))
      }
      choice.provider = provider
    }
    choice.baseURL = choice.baseURL ?? variable("CONTINUO_BASE_URL")
    choice.model = choice.model ?? variable("CONTINUO_MODEL")
    try choice.check()
    try Self.check(variable)
    provider = choice.provider ?? .builtin
    baseURL = choice.baseURL
    model = choice.model
    self.environment = variables
    self.stateFolder = stateFolder
    localFile = "\(runtimeFolder.path)/model.json"
    if let config = variable("XDG_CONFIG_HOME"), config.hasPrefix("/") {
      configFolder = URL(fileURLWithPath: config).appendingPathComponent("continuo")
    } else if let home = variable("HOME"), home.hasPrefix("/") {
      configFolder = URL(fileURLWithPath: home).appendingPathComponent(".config/continuo")
    } else {
      configFolder = nil
    }
  }

  /// Refuses what would else be passed over where a model is asked.
  private static func check(_ variable: (String) -> String?) throws(CommandError) {
    func refuse(_ name: String, _ reason: String) throws(CommandError) {
      throw .badSetting(name: name, value: variable(name) ?? "", reason: reason)
    }
    if let text = variable("CONTINUO_MODEL_SECONDS"),
      !(Double(text).map { (1...3600).contains($0) } ?? false)
    {
      try refuse("CONTINUO_MODEL_SECONDS", "it must be seconds in 1…3600")
    }
    if let text = variable("CONTINUO_MODEL_FORM"), ReplyForm(rawValue: text) == nil {
      let forms = ReplyForm.allCases.map(\.rawValue).joined(separator: ", ")
      try refuse("CONTINUO_MODEL_FORM", "it must be one of \(forms)")
    }
    if let text = variable("CONTINUO_MODEL_PRICES"), ModelEndpoint.Prices(text) == nil {
      try refuse("CONTINUO_MODEL_PRICES", "it must be two prices of a million tokens, as in 3/15")
    }
  }

  /// These settings with what a request asks for in their place.
  func with(_ choice: ModelChoice?) -> ModelSettings {
    guard let choice else { return self }
    var settings = self
    if let provider = choice.provider, provider != settings.provider {
      // Another provider has another address and other models.
      settings.provider = provider
      settings.baseURL = nil
      settings.model = nil
    }
    settings.baseURL = choice.baseURL ?? settings.baseURL
    settings.model = choice.model ?? settings.model
    return settings
  }

  /// The composer that asks the model; nil for the built-in one.
  /// - Throws: `CommandFailure` with exit 5.
  func composer() throws(CommandFailure) -> ModelComposer? {
    guard provider != .builtin else { return nil }
    do {
      let dialect: ModelProtocol = provider == .anthropic ? .anthropic : .openai
      let local = try provider == .local ? LocalModel(file: localFile) : nil
      var endpoint = try ModelEndpoint(
        dialect: dialect, baseURL: baseURL ?? local?.url, model: model ?? local?.model,
        headers: headers)
      endpoint.certificates = environment["SSL_CERT_FILE"]
      endpoint.prices = environment["CONTINUO_MODEL_PRICES"].flatMap { ModelEndpoint.Prices($0) }
      var limits = TransferLimits()
      if let text = environment["CONTINUO_MODEL_SECONDS"], let seconds = Double(text),
        (1...3600).contains(seconds)
      {
        limits.wholeSeconds = seconds
        limits.firstTokenSeconds = min(limits.firstTokenSeconds, seconds)
      }
      let client = ModelClient(
        endpoint: endpoint, keys: keys(dialect), limits: limits,
        abilities: ModelAbilities(file: stateFolder?.appendingPathComponent("models.json")))
      return ModelComposer(
        client: client,
        form: environment["CONTINUO_MODEL_FORM"].flatMap { ReplyForm(rawValue: $0) },
        prompts: PromptLibrary(folder: configFolder?.appendingPathComponent("prompts")))
    } catch let error as ModelError {
      throw CommandFailure(.noModel, "\(error)")
    } catch let error as CommandFailure {
      throw error
    } catch {
      throw CommandFailure(.noModel, "\(error)")
    }
  }

  /// Texts that must be written nowhere.
  var secrets: [String] {
    [environment["OPENAI_API_KEY"], environment["ANTHROPIC_API_KEY"]].compactMap { $0 }
      + headers.values
  }

  private var headers: [String: String] {
    let lines = (environment["CONTINUO_MODEL_HEADERS"] ?? "").split(separator: ";")
    let pairs = lines.compactMap { line -> (String, String)? in
      let parts = line.split(separator: ":", maxSplits: 1).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      return parts.count == 2 && !parts[0].isEmpty ? (parts[0], parts[1]) : nil
    }
    return Dictionary(pairs, uniquingKeysWith: { $1 })
  }

  private func keys(_ dialect: ModelProtocol) -> KeySource {
    let variable = dialect == .anthropic ? "ANTHROPIC_API_KEY" : "OPENAI_API_KEY"
    // The local model needs no key, and gets none.
    guard provider != .local else { return KeySource(variable: variable, value: nil) }
    let file = environment["CONTINUO_KEY_FILE"]
    return KeySource(
      command: environment["CONTINUO_KEY_COMMAND"],
      file: file ?? configFolder?.appendingPathComponent("\(dialect.rawValue).key").path,
      fileIsRequired: file != nil, variable: variable, value: environment[variable])
  }
}
