// SPDX-License-Identifier: MIT
import ContinuoSession
import Glibc

/// Where replies go: people's lines or JSON to standard output, everything else to standard error.
///
/// Every line is cleaned here, so that no track name or model's reply can steer the terminal.
struct Console: Sendable {
  /// Whether replies are JSON.
  let isJSON: Bool

  /// Writes a reply.
  func show(_ reply: Reply) {
    if isJSON {
      write(reply.json.line, to: STDOUT_FILENO)
    } else {
      for line in reply.lines {
        write(TerminalPaint.line(TerminalText.clean(line)), to: STDOUT_FILENO)
      }
    }
    if let error = reply.error { complain(error) }
  }

  /// Writes how a command gets on.
  func tell(_ line: String) { write(TerminalText.clean(line), to: STDERR_FILENO) }

  /// Writes why something was not done.
  func complain(_ message: String) {
    write("continuo: \(TerminalText.clean(message))", to: STDERR_FILENO)
  }

  /// Writes text of our own making, which may have several lines.
  func print(_ text: String) { write(text, to: STDOUT_FILENO) }

  private func write(_ line: String, to descriptor: Int32) {
    Output.write(Array((line + "\n").utf8), to: descriptor)
  }
}

/// Writing to a terminal, pipe or file.
enum Output {
  /// Writes all of `bytes`, or gives up when nobody takes them (SIGPIPE is ignored).
  static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&wait, 1, 5000) > 0 else { return }
      } else if errno != EINTR {
        return
      }
    }
  }
}
