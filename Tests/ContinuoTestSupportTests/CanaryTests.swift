// SPDX-License-Identifier: MIT
import Foundation
import RealtimeCanary
import Testing

/// Whether RealtimeSanitizer really watches. Scripts/rtsan says that it should; in any other run the
/// same calls are harmless, so a suite that lost its sanitizer cannot pass for one that has it.
@Suite struct CanaryRealtimeSafetyTests {
  @Test func `a calm real-time call is let through`() {
    realtime_canary_call {}
  }

  @Test func `allocating in a real-time call ends the program exactly under the sanitizer`() async {
    let expected: ExitTest.Condition = sanitized ? .failure : .success
    await #expect(processExitsWith: expected) {
      realtime_canary_call { free(malloc(100)) }
      exit(0)
    }
  }

  @Test func `a Swift array grown in a real-time call is seen too`() async {
    let expected: ExitTest.Condition = sanitized ? .failure : .success
    await #expect(processExitsWith: expected) {
      realtime_canary_call {
        var array = [1]
        array.reserveCapacity(Int(getpid()) + 1000)
      }
      exit(0)
    }
  }

  private var sanitized: Bool {
    ProcessInfo.processInfo.environment["CONTINUO_SANITIZER"] == "realtime"
  }
}
