// SPDX-License-Identifier: MIT
internal import ContinuoComposer
internal import ContinuoJack
internal import ContinuoLLM
internal import Foundation

/// What `doctor` finds out about the machine round JACK and Ardour.
extension Doctor {
  /// Whose JACK this program speaks to: jack2's, or PipeWire's in its place.
  static func jackLibrary() -> Finding {
    let library = JackClient.library
    let isPipeWire = library.path?.contains("pipewire") ?? false
    return Finding(
      check: "JACK library", verdict: library.path == nil ? .doubtful : .good,
      found: (isPipeWire ? "PipeWire's" : "jack2's or its like")
        + ", version \(TerminalText.clean(library.version)), "
        + TerminalText.clean(library.path ?? "its place is not told"),
      mend: nil)
  }

  /// Whether anybody listens where the model's server should be; nothing is asked and no key is sent.
  func modelServer() async -> [Finding] {
    guard let composer = try? settings.model.composer(),
      let url = URL(string: composer.client.endpoint.server), let host = url.host
    else { return [] }
    let port = url.port ?? (url.scheme == "https" ? 443 : 80)
    let trouble = await Self.knock(host, port, seconds: 2)
    let place = TerminalText.clean("\(host), port \(port)")
    return [
      Finding(
        check: "model's server", verdict: trouble == nil ? .good : .doubtful,
        found: trouble.map { "nobody answers at \(place): \($0)" } ?? "\(place) takes connections",
        mend: trouble == nil
          ? nil
          : settings.model.provider == .local
            ? "start it with: continuo model start"
            : "look at --base-url and the network; until then the built-in composer answers")
    ]
  }

  /// Opens a TCP connection and closes it; nil when that went well, else why not.
  static func knock(_ host: String, _ port: Int, seconds: Int) async -> String? {
    await withCheckedContinuation { continuation in
      // Looking a name up blocks: not on the threads that tasks share.
      DispatchQueue.global().async {
        continuation.resume(returning: knocking(host, port, seconds: seconds))
      }
    }
  }

  private static func knocking(_ host: String, _ port: Int, seconds: Int) -> String? {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &hints, &found)
    guard code == 0 else { return String(cString: gai_strerror(code)) }
    defer { freeaddrinfo(found) }
    var trouble = "there is no such address"
    var next = found
    while let entry = next?.pointee {
      next = entry.ai_next
      let kind = entry.ai_socktype | Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
      let descriptor = socket(entry.ai_family, kind, entry.ai_protocol)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      if connect(descriptor, entry.ai_addr, entry.ai_addrlen) == 0 { return nil }
      guard errno == EINPROGRESS else {
        trouble = String(cString: strerror(errno))
        continue
      }
      var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      guard poll(&wait, 1, Int32(seconds * 1000)) > 0 else {
        trouble = "no answer in \(seconds) s"
        continue
      }
      var fault: Int32 = 0
      var size = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &fault, &size)
      if fault == 0 { return nil }
      trouble = String(cString: strerror(fault))
    }
    return trouble
  }
}
