// SPDX-License-Identifier: MIT

/// Reads one response: pieces of the reply from a stream, or the words of a refusal.
final class Reception {
  private enum Mode {
    case undecided, stream, whole, refusal
  }

  /// Bytes of a refusal that are read.
  private static let longestRefusal = 65_536

  private let dialect: any Dialect
  private let server: String
  private let maximumBytes: Int
  private let emit: (String) -> Void
  private let onProgress: () -> Void
  private var mode = Mode.undecided
  private var events = ServerSentEvents()
  private var count = 0
  /// A refusal's or an unstreamed reply's bytes.
  private(set) var body: [UInt8] = []
  private(set) var result: ChatResult
  /// Whether text has come.
  private(set) var hasText = false
  /// Whether the reply said that it is over.
  private(set) var isOver = false
  private(set) var error: ModelError?
  /// What the server reported in the middle of its stream.
  private(set) var fault: String?

  init(
    _ dialect: any Dialect, server: String, maximumBytes: Int, result: ChatResult,
    emit: @escaping (String) -> Void, onProgress: @escaping () -> Void
  ) {
    self.dialect = dialect
    self.server = server
    self.maximumBytes = maximumBytes
    self.result = result
    self.emit = emit
    self.onProgress = onProgress
  }

  /// Takes a piece of the body; false when no more is wanted.
  func take(_ bytes: UnsafeRawBufferPointer, status: Int, contentType: String) -> Bool {
    if mode == .undecided { mode = decide(status, contentType) }
    guard error == nil else { return false }
    count += bytes.count
    guard count <= maximumBytes else {
      error = .tooLong(server: server, bytes: maximumBytes)
      return false
    }
    switch mode {
    case .undecided: return false
    case .refusal:
      body += bytes.prefix(Self.longestRefusal - body.count)
      return body.count < Self.longestRefusal
    case .whole:
      body += bytes
      return true
    case .stream:
      events.feed(bytes) { read($0) }
      if events.isTooLong { error = .malformed(server: server, reason: "an endless line") }
      return error == nil && fault == nil && !isOver
    }
  }

  /// The response has ended.
  func finish() {
    guard error == nil, fault == nil, !isOver else { return }
    switch mode {
    case .stream: events.finish { read($0) }
    case .whole:
      guard let piece = dialect.readWhole(body, into: &result) else {
        error = .malformed(server: server, reason: "its reply is not the JSON expected")
        return
      }
      take(piece)
    case .undecided, .refusal: break
    }
  }

  private func decide(_ status: Int, _ contentType: String) -> Mode {
    guard status == 200 else { return .refusal }
    switch contentType {
    case "text/event-stream": return .stream
    case "application/json": return .whole
    default:
      let type = contentType.isEmpty ? "something without a type" : String(contentType.prefix(80))
      error = .wrongType(server: server, type: WireFault.clean(type, key: nil))
      return .refusal
    }
  }

  private func read(_ event: [UInt8]) {
    guard error == nil, fault == nil, !isOver else { return }
    guard let piece = dialect.read(event, into: &result) else {
      error = .malformed(server: server, reason: "an event of its stream is not the JSON expected")
      return
    }
    take(piece)
  }

  private func take(_ piece: ReplyPiece) {
    if let fault = piece.fault {
      self.fault = fault
      return
    }
    if piece.isProgress { onProgress() }
    if !piece.text.isEmpty {
      hasText = true
      emit(piece.text)
    }
    if piece.isLast { isOver = true }
  }
}
