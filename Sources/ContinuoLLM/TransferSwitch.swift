// SPDX-License-Identifier: MIT
internal import CCurl
internal import Synchronization

/// Ends a transfer from any thread, at once: its thread may be asleep in libcurl.
final class TransferSwitch: Sendable {
  private struct State {
    var isCancelled = false
    /// Only while it lives.
    var multi: UnsafeMutableRawPointer?
  }

  private let state = Mutex(State())

  var isCancelled: Bool { state.withLock { $0.isCancelled } }

  func cancel() {
    state.withLock { state in
      state.isCancelled = true
      // The one call that libcurl allows from another thread.
      if let multi = state.multi { curl_multi_wakeup(multi) }
    }
  }

  func attach(_ multi: UnsafeMutableRawPointer) {
    let address = UInt(bitPattern: multi)
    state.withLock { $0.multi = UnsafeMutableRawPointer(bitPattern: address) }
  }

  /// Before the handle is freed.
  func detach() { state.withLock { $0.multi = nil } }
}
