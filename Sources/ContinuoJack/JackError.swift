// SPDX-License-Identifier: MIT

/// What can go wrong with the JACK server, each case with what a person needs to mend it.
public enum JackError: Error, Equatable, Sendable, CustomStringConvertible {
  /// No server of that name answers; nil is the default server.
  case noServer(name: String?)
  /// Another client of this name is there already.
  case nameTaken(String)
  /// The server refused the client for another reason (JACK's status bits).
  case refused(name: String, status: UInt32)
  /// A port could not be made.
  case portRefused(String)
  /// The server would not start calling the client.
  case notActivated(String)
  /// A client or port name JACK cannot take.
  case badName(String, reason: String)
  /// No such port; the nearest names that exist.
  case noSuchPort(String, near: [String])
  /// JACK would not connect the two (its code).
  case notConnected(from: String, to: String, code: Int32)
  /// The client is closed or its server gone.
  case closed
  /// Another client is timebase master.
  case timebaseTaken

  /// One sentence for a person.
  public var description: String {
    switch self {
    case .noServer(let name):
      let which = name.map { " “\($0)”" } ?? ""
      let flag = name.map { " -n \($0)" } ?? ""
      return
        "No JACK server\(which) is running: start one, for example with: jackd\(flag) -d alsa "
        + "(or, without a sound card: jackd\(flag) -d dummy)"
    case .nameTaken(let name):
      return
        "A JACK client named “\(name)” is running already: stop it, or choose another name with "
        + "--name"
    case .refused(let name, let status):
      return
        "JACK refused the client “\(name)” (status 0x\(String(status, radix: 16))): see the "
        + "server's own messages"
    case .portRefused(let port):
      return "JACK would not make the port “\(port)”: the server may be out of ports"
    case .notActivated(let name):
      return "JACK would not activate the client “\(name)”: see the server's own messages"
    case .badName(let name, let reason):
      return "“\(name)” cannot be a JACK name: \(reason)"
    case .noSuchPort(let port, let near):
      let hint =
        near.isEmpty
        ? "; `jack_lsp` lists the ports"
        : ": did you mean \(near.map { "“\($0)”" }.joined(separator: ", "))?"
      return "There is no JACK port “\(port)”\(hint)"
    case .notConnected(let from, let to, let code):
      return "JACK would not connect “\(from)” to “\(to)” (code \(code))"
    case .closed:
      return "The JACK server is gone: it will be joined again when it is back"
    case .timebaseTaken:
      return "Another program is JACK's timebase master: its tempo is followed instead"
    }
  }
}
