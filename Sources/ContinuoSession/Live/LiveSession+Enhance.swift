// SPDX-License-Identifier: MIT
extension LiveSession {
  func enhance(_ request: EnhanceRequest, _ progress: @escaping ProgressSink) async throws -> Reply {
    throw CommandFailure(.failed, "not yet")
  }
}
