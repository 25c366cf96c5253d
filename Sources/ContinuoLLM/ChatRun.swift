// SPDX-License-Identifier: MIT
internal import CCurl
internal import Foundation

/// Asks once, on a thread of its own: as many tries as the server needs, within one limit of time.
final class ChatRun {
  private let client: ModelClient
  private let request: ChatRequest
  private let cancel: TransferSwitch
  private let emit: (ChatEvent) -> Void
  private let dialect: any Dialect
  private let start = ContinuousClock.now
  private var result = ChatResult()

  /// What to do after a try.
  private enum Verdict {
    case finished
    case again(reason: String, after: Double?, error: ModelError)
    case without([ModelAbilities.Feature], ModelError)
    case failed(ModelError)
    case cancelled
  }

  init(
    _ client: ModelClient, _ request: ChatRequest, cancel: TransferSwitch,
    emit: @escaping (ChatEvent) -> Void
  ) {
    self.client = client
    self.request = request
    self.cancel = cancel
    self.emit = emit
    dialect = client.endpoint.dialect.dialect
  }

  private var elapsed: Double { (ContinuousClock.now - start).inSeconds }
  private var limits: TransferLimits { client.limits }
  private var server: String { client.endpoint.server }

  /// - Throws: `ModelError`, or `CancellationError`.
  func run() throws -> ChatResult {
    let key = try client.endpoint.isPrivate ? client.keys.find() : nil
    if key == nil, !client.endpoint.isLoopback, client.endpoint.isPrivate {
      throw ModelError.noKey(
        provider: client.endpoint.dialect.title, places: client.keys.places)
    }
    guard let multi = curl_multi_init() else {
      throw ModelError.unreachable(server: server, reason: "no memory")
    }
    cancel.attach(multi)
    defer {
      cancel.detach()
      curl_multi_cleanup(multi)
    }
    var tries = 0
    var refusals = 0
    while true {
      tries += 1
      result.tries = tries + refusals
      switch attempt(on: multi, key: key) {
      case .finished:
        result.seconds = elapsed
        addCost()
        return result
      case .cancelled: throw CancellationError()
      case .failed(let error): throw error
      case .without(let features, let error):
        // Not a try: the server was asked something that it cannot do.
        tries -= 1
        refusals += 1
        guard refusals <= ModelAbilities.Feature.allCases.count else { throw error }
        let place = client.place
        for feature in features { client.abilities.remember(without: feature, at: place) }
        emit(.withoutFeature(features.map(\.rawValue).joined(separator: ", ")))
      case .again(let reason, let after, let error):
        let wait =
          after ?? limits.backoffSeconds * Double(1 << (tries - 1)) * Double.random(in: 0.8...1.2)
        guard tries < limits.maximumTries, elapsed + wait < limits.wholeSeconds else { throw error }
        emit(.waiting(reason: reason, seconds: wait))
        guard sleep(wait, on: multi) else { throw CancellationError() }
      }
    }
  }

  /// Sleeps on the handle, so that cancelling wakes it; false when cancelled.
  private func sleep(_ seconds: Double, on multi: UnsafeMutableRawPointer) -> Bool {
    let end = elapsed + seconds
    while !cancel.isCancelled, elapsed < end {
      curl_multi_poll(multi, nil, 0, Self.milliseconds(end - elapsed), nil)
    }
    return !cancel.isCancelled
  }

  private static func milliseconds(_ seconds: Double) -> Int32 {
    Int32(min(max(seconds * 1000, 0), 1000).rounded(.up))
  }

  private func attempt(on multi: UnsafeMutableRawPointer, key: APIKey?) -> Verdict {
    let place = client.place
    let (body, structure) = dialect.body(request, model: client.endpoint.model) {
      client.abilities.lacks($0, at: place)
    }
    result.structure = structure
    let plan = HTTPExchange.Plan(
      url: client.endpoint.url, headers: client.headers(key), body: Array(body.text.utf8),
      proxy: client.endpoint.proxy, certificates: client.endpoint.certificates,
      connectSeconds: min(limits.connectSeconds, max(limits.wholeSeconds - elapsed, 0.001)))
    guard let exchange = HTTPExchange(plan) else {
      return .failed(.unreachable(server: server, reason: "no memory"))
    }
    let begun = elapsed
    var lastProgress: Double?
    var overdue: ModelError.Wait?
    let reception = Reception(
      dialect, server: server, maximumBytes: limits.maximumBytes, result: result,
      emit: { [self] text in
        if result.firstTokenSeconds == nil { result.firstTokenSeconds = elapsed }
        emit(.text(text))
      },
      onProgress: { [self] in lastProgress = elapsed })
    let end = exchange.run(on: multi) { [self] in
      guard !cancel.isCancelled else { return nil }
      let now = elapsed
      let waits: [(ModelError.Wait, Double)] = [
        (.whole, limits.wholeSeconds),
        lastProgress.map { (.nextToken, $0 + limits.stallSeconds) }
          ?? (.firstToken, begun + limits.firstTokenSeconds),
      ]
      overdue = waits.first { now >= $0.1 }?.0
      guard overdue == nil, let next = waits.map(\.1).min() else { return nil }
      return Self.milliseconds(next - now)
    } receive: { [self] bytes in
      // A server that floods would keep the loop from asking otherwise.
      guard !cancel.isCancelled, elapsed < limits.wholeSeconds else {
        if !cancel.isCancelled { overdue = .whole }
        return false
      }
      return reception.take(bytes, status: exchange.status, contentType: exchange.contentType)
    }
    if cancel.isCancelled { return .cancelled }
    if let overdue { return .failed(timeOut(overdue)) }
    if case .done = end { reception.finish() }
    let firstToken = result.firstTokenSeconds
    result = reception.result
    result.firstTokenSeconds = firstToken
    return verdict(end, exchange, reception, key)
  }

  private func timeOut(_ wait: ModelError.Wait) -> ModelError {
    let seconds =
      switch wait {
      case .connection: limits.connectSeconds
      case .firstToken: limits.firstTokenSeconds
      case .nextToken: limits.stallSeconds
      case .whole: limits.wholeSeconds
      }
    return .timedOut(wait, server: server, seconds: seconds)
  }

  private func verdict(
    _ end: HTTPExchange.End, _ exchange: HTTPExchange, _ reception: Reception, _ key: APIKey?
  ) -> Verdict {
    if let error = reception.error { return .failed(error) }
    if let fault = reception.fault {
      let message = WireFault.clean(fault, key: key)
      let error = ModelError.failed(
        server: server, status: exchange.status, message: message, tries: result.tries)
      return reception.hasText ? .failed(error) : .again(reason: message, after: nil, error: error)
    }
    if case .failed(let code, let words) = end {
      return trouble(code, WireFault.clean(words, key: key), reception)
    }
    guard exchange.status == 200 else { return refusal(exchange, reception, key) }
    guard reception.hasText || result.ending != .unsaid else {
      let error = ModelError.broken(server: server, reason: "it ended before the reply began")
      return .again(reason: error.description, after: nil, error: error)
    }
    return .finished
  }

  private func trouble(_ code: CURLcode, _ words: String, _ reception: Reception) -> Verdict {
    switch code {
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
      return .failed(.untrusted(server: server, reason: words))
    case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY,
      CURLE_SSL_CONNECT_ERROR, CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_PROXY:
      return .failed(.unreachable(server: server, reason: words))
    case CURLE_OPERATION_TIMEDOUT: return .failed(timeOut(.connection))
    default:
      let error = ModelError.broken(server: server, reason: words)
      return reception.hasText
        ? .failed(error) : .again(reason: words, after: nil, error: error)
    }
  }

  private func refusal(
    _ exchange: HTTPExchange, _ reception: Reception, _ key: APIKey?
  ) -> Verdict {
    let status = exchange.status
    let message = WireFault.message(in: reception.body, key: key)
    switch status {
    case 300..<400:
      let target = exchange.redirection.flatMap { URLComponents(string: $0) }
      let place = target.map { "\($0.scheme ?? "")://\($0.host ?? "")" } ?? "somewhere else"
      return .failed(
        .redirected(server: server, status: status, to: WireFault.clean(place, key: key)))
    case 401, 403:
      return .failed(
        .unauthorized(server: server, status: status, message: message, keySent: key != nil))
    case 429:
      let error = ModelError.limited(
        server: server, message: message, retryAfter: exchange.retryAfter)
      return .again(
        reason: "\(server) asks to wait", after: exchange.retryAfter, error: error)
    case 408, 500...:
      let error = ModelError.failed(
        server: server, status: status, message: message, tries: result.tries)
      return .again(
        reason: "\(server) failed (\(status))", after: exchange.retryAfter, error: error)
    default:
      let error = ModelError.refused(server: server, status: status, message: message)
      let place = client.place
      let suspects = dialect.suspects(message).filter { !client.abilities.lacks($0, at: place) }
      guard let first = suspects.first, status == 400 || status == 422 else {
        return .failed(error)
      }
      return .without([first], error)
    }
  }

  private func addCost() {
    guard result.cost == nil, let prices = client.endpoint.prices, let read = result.tokensIn,
      let written = result.tokensOut
    else { return }
    result.cost = (Double(read) * prices.read + Double(written) * prices.written) / 1e6
  }
}

extension Duration {
  /// As a number.
  var inSeconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
