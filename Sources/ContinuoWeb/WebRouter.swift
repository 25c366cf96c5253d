// SPDX-License-Identifier: MIT
import ContinuoSession
import Foundation
import NIOHTTP1
import Synchronization

/// Which request gets which answer; see docs/page.md and the OpenAPI document.
final class WebRouter: Sendable {
  let gate: WebGate
  private let desk: any CommandHandler
  private let feed: EventsFeed
  private let underWay = Mutex(0)

  init(gate: WebGate, desk: any CommandHandler, feed: EventsFeed) {
    self.gate = gate
    self.desk = desk
    self.feed = feed
  }

  /// Whether the request is one of the API's, which need the token.
  func isCall(_ head: HTTPRequestHead) -> Bool { head.uri.hasPrefix("/api/") }

  /// Why the request is turned down at its head; nil when it is not.
  func refusal(_ head: HTTPRequestHead) -> WebResponse? {
    do throws(WebGate.Refusal) {
      if isCall(head) { try gate.checkCall(head) } else { try gate.checkPlace(head) }
    } catch {
      switch error {
      case .host:
        return .refused(.misdirectedRequest, "This is not the host that is asked for", closes: true)
      case .origin: return .refused(.forbidden, "Another site's page may not ask", closes: true)
      case .token:
        return .refused(
          .unauthorized, "The token is missing or wrong: open the link that continuo printed",
          closes: true)
      }
    }
    guard head.uri.utf8.count <= 1000 else {
      return .refused(.uriTooLong, "No path here is that long", closes: true)
    }
    return nil
  }

  /// The answer to a request that needs no session; nil when it needs one.
  func response(at head: HTTPRequestHead) -> WebResponse? {
    let isReading = head.method == .GET || head.method == .HEAD
    switch head.uri {
    case "/api/openapi.json": return isReading ? PageFiles.description : Self.wrongMethod
    case "/api/status", "/api/candidates": return isReading ? nil : Self.wrongMethod
    case "/api/command": return head.method == .POST ? wrongType(head) : Self.wrongMethod
    case "/api/events":
      return .refused(.upgradeRequired, "The events come by WebSocket", closes: true)
    default:
      guard let file = PageFiles.response(to: head.uri) else {
        return .refused(.notFound, "There is nothing here")
      }
      return isReading ? file : Self.wrongMethod
    }
  }

  private static let wrongMethod = WebResponse.refused(
    .methodNotAllowed, "This path does not take that method")

  private func wrongType(_ head: HTTPRequestHead) -> WebResponse? {
    let type = head.headers.first(name: "content-type") ?? ""
    let name = type.split(separator: ";").first.map { $0.trimmingCharacters(in: .whitespaces) }
    return name?.lowercased() == "application/json"
      ? nil : .refused(.unsupportedMediaType, "A command comes as application/json")
  }

  /// Carries out what the request asks of the session; cancelled when its sender goes away.
  func call(_ head: HTTPRequestHead, _ body: [UInt8]) async -> WebResponse {
    let isFree = underWay.withLock { count in
      guard count < WebLimits.commands else { return false }
      count += 1
      return true
    }
    guard isFree else {
      return .refused(
        .serviceUnavailable, "\(WebLimits.commands) commands are under way: wait for one to end")
    }
    defer { underWay.withLock { $0 -= 1 } }
    let command: Command
    switch head.uri {
    case "/api/status": command = .status
    case "/api/candidates": command = .candidates
    default:
      guard let decoded = try? JSONDecoder().decode(Command.self, from: Data(body)) else {
        return .reply(
          .failed(.usage, "This is no command: see docs/page.md"), status: .badRequest)
      }
      do {
        command = try decoded.validated()
      } catch {
        return .reply(.failed(CommandFailure(error)), status: .badRequest)
      }
    }
    let feed = feed
    let reply = await desk.handle(command) { text in feed.say(text) }
    return .reply(reply)
  }
}
