// SPDX-License-Identifier: MIT
import Foundation
import NIOCore
import NIOEmbedded
import NIOWebSocket
import Synchronization
import Testing

@testable import ContinuoSession
@testable import ContinuoWeb

/// A session that hears ten notes between two looks, and remembers the last fifty.
private final class BusySession: OpenSession {
  private let heard = Mutex(0)

  func view(_ wish: ViewWish) async -> SessionView? {
    let next = heard.withLock {
      $0 += 10
      return $0
    }
    let first = max(wish.notesFrom ?? 0, next - 50, 0)
    return SessionView(
      song: ["quarters": .int(next)],
      notes: (first..<next).map { SessionView.HeardNote(number: $0, line: "[\($0)]") },
      firstNote: first, nextNote: next, state: ["followed": []],
      shelf: wish.shelfAfter < 1 ? .some(["track": "Bass"]) : JSONValue?.none, shelfRevision: 1,
      health: JSONValue?.none)
  }

  func handle(_ command: Command, progress: @escaping ProgressSink) async -> Reply { .done() }
  func completions() async -> Completions { Completions() }
  func shutdown() async {}
}

struct EventsFeedTests {
  private struct Frame: Decodable {
    var notes: [[Int]]?
    var shelf: [String: String]?
    var news: [String]?
    var missedFrames: Int?
    var skippedNotes: Int?
  }

  private func next(_ channel: NIOAsyncTestingChannel) async throws -> Frame {
    let frame = try await channel.waitForOutboundWrite(as: WebSocketFrame.self)
    return try JSONDecoder().decode(Frame.self, from: Data(frame.data.readableBytesView))
  }

  @Test(.timeLimit(.minutes(1)))
  func `who reads gets every note once; who does not misses frames, which are counted and told`()
    async throws
  {
    let feed = EventsFeed(BusySession())
    let quick = NIOAsyncTestingChannel()
    let slow = NIOAsyncTestingChannel()
    slow.isWritable = false
    #expect(feed.add(quick))
    let first = try await next(quick)
    #expect(first.shelf == ["track": "Bass"])
    #expect(feed.add(slow))
    var expected = try #require(first.notes?.last?.first) + 1
    for index in 0..<20 {
      if index == 10 { feed.say("heard") }
      let frame = try await next(quick)
      #expect(frame.shelf == nil && frame.missedFrames == nil && frame.skippedNotes == nil)
      for note in frame.notes ?? [] {
        #expect(note == [expected])
        expected += 1
      }
    }
    #expect(try await slow.readOutbound(as: WebSocketFrame.self) == nil)
    slow.isWritable = true
    let late = try await next(slow)
    #expect(try #require(late.missedFrames) >= 19)
    #expect(late.shelf == ["track": "Bass"])
    #expect(late.news == ["heard"])
    #expect(try #require(late.notes).count <= 50)
    feed.stop()
    #expect(!feed.add(NIOAsyncTestingChannel()))
  }

  @Test func `there is room for eight listeners`() {
    let feed = EventsFeed(BusySession())
    let channels = (0..<9).map { _ in NIOAsyncTestingChannel() }
    #expect(channels.map { feed.add($0) } == [Bool](repeating: true, count: 8) + [false])
    feed.remove(channels[3])
    #expect(feed.add(channels[8]))
    feed.stop()
  }
}
