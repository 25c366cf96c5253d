// SPDX-License-Identifier: MIT
internal import Foundation

/// The protocols a model's server may speak.
public enum ModelProtocol: String, Hashable, Sendable, Codable, CaseIterable {
  /// OpenAI's chat completions, which llama.cpp, Ollama, vLLM, LM Studio and OpenRouter speak too.
  case openai
  /// Anthropic's messages.
  case anthropic

  /// Its name before a musician.
  public var title: String { self == .openai ? "OpenAI" : "Anthropic" }
}

/// Where a model is, and how it is spoken to.
public struct ModelEndpoint: Hashable, Sendable {
  /// The protocol.
  public let dialect: ModelProtocol
  /// The address that requests are posted to.
  public let url: String
  /// Scheme, host and port, as messages name the server.
  public let server: String
  /// The model's name; nil where the server has only one.
  public let model: String?
  /// Further headers, such as OpenRouter's; names and values without line ends.
  public let headers: [String: String]
  /// The proxy's address; nil for what `https_proxy`, `http_proxy` and `no_proxy` say.
  public var proxy: String?
  /// A file of certificates to trust; nil for the system's (`SSL_CERT_FILE` is the caller's to read).
  public var certificates: String?
  /// Dollars per million tokens read and written; nil when not known.
  public var prices: Prices?
  /// Whether what is sent stays on this machine.
  public let isLoopback: Bool
  /// Whether a key may be sent: over TLS, or to this machine.
  public let isPrivate: Bool

  /// What tokens cost.
  public struct Prices: Hashable, Sendable {
    /// Dollars per million tokens read.
    public let read: Double
    /// Dollars per million tokens written.
    public let written: Double

    /// Reads "IN/OUT", such as "0.15/0.60"; nil for anything else.
    public init?(_ text: String) {
      let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Double($0) }
      guard parts.count == 2, let read = parts[0], let written = parts[1],
        (0...1e6).contains(read), (0...1e6).contains(written)
      else { return nil }
      self.read = read
      self.written = written
    }
  }

  /// Checks and completes `baseURL`: nil is the provider's own, and `/v1` may be left out.
  /// - Throws: `ModelError.badURL`, `.noModelName`.
  public init(
    dialect: ModelProtocol, baseURL: String? = nil, model: String? = nil,
    headers: [String: String] = [:]
  ) throws(ModelError) {
    let given = baseURL ?? Self.home(of: dialect)
    func fault(_ reason: String) -> ModelError {
      // Whoever writes a key into an address does not want to read it back.
      .badURL(given.contains("@") ? "…" : String(given.prefix(200)), reason: reason)
    }
    guard given.utf8.count <= 1000, !given.unicodeScalars.contains(where: { $0.value <= 0x20 }),
      let parts = URLComponents(string: given), let host = parts.host, !host.isEmpty
    else { throw fault("it is no address such as http://127.0.0.1:8080/v1") }
    guard let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme) else {
      throw fault("it must begin with http:// or https://")
    }
    guard parts.user == nil, parts.password == nil else {
      throw fault("it holds a user name or password; put keys where docs/models.md says")
    }
    guard parts.query == nil, parts.fragment == nil else {
      throw fault("it must end before any ? or #")
    }
    if baseURL == nil, model == nil { throw .noModelName(provider: dialect.title) }
    let shownHost = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
    let root = "\(scheme)://\(shownHost)" + (parts.port.map { ":\($0)" } ?? "")
    self.dialect = dialect
    self.model = model
    self.headers = headers
    server = root
    url = root + Self.path(parts.percentEncodedPath, dialect)
    isLoopback = ["localhost", "::1", "[::1]"].contains(host) || host.hasPrefix("127.")
    isPrivate = scheme == "https" || isLoopback
  }

  private static func home(of dialect: ModelProtocol) -> String {
    switch dialect {
    case .openai: "https://api.openai.com/v1"
    case .anthropic: "https://api.anthropic.com"
    }
  }

  private static func path(_ given: String, _ dialect: ModelProtocol) -> String {
    var path = given
    while path.hasSuffix("/") { path.removeLast() }
    let verb = dialect == .openai ? "/chat/completions" : "/messages"
    if path.hasSuffix(verb) { return path }
    if path.isEmpty || (dialect == .anthropic && !path.hasSuffix("/v1")) { path += "/v1" }
    return path + verb
  }
}
