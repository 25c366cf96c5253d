// SPDX-License-Identifier: MIT
internal import CJack
internal import Glibc

/// Tells why a server would not take a client.
///
/// jackd overwrites the status it was given: a name that is taken comes back as "unable to
/// communicate with server". So the server is asked, by a client whose name nobody has.
enum JackRefusal {
  /// The error behind `status`, for a client `name` on `server`.
  static func error(_ status: JackStatus, name: String, server: String?) -> JackError {
    if has(status, JackNameNotUnique) { return .nameTaken(name) }
    if has(status, JackServerFailed) { return .noServer(name: server) }
    guard has(status, JackServerError) else {
      return .refused(name: name, status: UInt32(status.rawValue))
    }
    switch isTaken(name, server) {
    case true: return .nameTaken(name)
    case false: return .refused(name: name, status: UInt32(status.rawValue))
    case nil: return .noServer(name: server)
    }
  }

  private static func has(_ status: JackStatus, _ flag: JackStatus) -> Bool {
    status.rawValue & flag.rawValue != 0
  }

  /// Whether the server has a client of this name; nil when there is no asking it.
  private static func isTaken(_ name: String, _ server: String?) -> Bool? {
    var status = JackStatus(rawValue: 0)
    guard
      let probe = unsafe continuo_jack_open(
        "continuo-asks-\(getpid())", JackNoStartServer, &status, server)
    else { return nil }
    defer { unsafe jack_client_close(probe) }
    guard let identity = unsafe jack_get_uuid_for_client_name(probe, name) else { return false }
    unsafe jack_free(identity)
    return true
  }
}
