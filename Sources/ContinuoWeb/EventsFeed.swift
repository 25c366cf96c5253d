// SPDX-License-Identifier: MIT
import ContinuoSession
import NIOCore
import NIOWebSocket
import Synchronization

/// Tells every listener how the session stands, thirty times a second.
///
/// Nothing is queued for a listener: each has a cursor, and what changed since is told when it has
/// room again. Frames it was too slow for, and notes too old by then, are counted and told.
final class EventsFeed: Sendable {
  private struct Listener {
    let channel: any Channel
    var notes: Int?
    var state = ""
    var shelf = 0
    var health = 0
    var news = 0
    var missedFrames = 0
    var skippedNotes = 0
    var stalledSince: ContinuousClock.Instant?
  }

  private struct State {
    var listeners: [ObjectIdentifier: Listener] = [:]
    var news: [(number: Int, text: String)] = []
    var lastNews = 0
    var task: Task<Void, Never>?
    var isOver = false
  }

  private let session: any OpenSession
  private let state = Mutex(State())

  init(_ session: any OpenSession) { self.session = session }

  /// Tells every listener a line: how a command gets on, or what happens unasked.
  ///
  /// Any thread.
  func say(_ text: String) {
    state.withLock { state in
      state.lastNews += 1
      state.news.append((state.lastNews, TerminalText.shortened(text, to: 1000)))
      if state.news.count > 50 { state.news.removeFirst() }
    }
  }

  /// Adds a listener; false when there are as many as there may be.
  func add(_ channel: any Channel) -> Bool {
    state.withLock { state in
      guard !state.isOver, state.listeners.count < WebLimits.listeners else { return false }
      var listener = Listener(channel: channel)
      listener.news = state.lastNews
      state.listeners[ObjectIdentifier(channel)] = listener
      if state.task == nil { state.task = Task { await run() } }
      return true
    }
  }

  /// The listener is gone.
  func remove(_ channel: any Channel) {
    state.withLock { state in
      state.listeners[ObjectIdentifier(channel)] = nil
      guard state.listeners.isEmpty else { return }
      state.task?.cancel()
      state.task = nil
    }
  }

  /// Ends for good.
  func stop() {
    state.withLock { state in
      state.isOver = true
      state.task?.cancel()
      state.task = nil
    }
  }

  private func run() async {
    var shelf = (revision: 0, line: "null")
    var health = (number: 0, line: "null")
    var ticks = 0
    while !Task.isCancelled {
      // Who is new gets the latest there are; the others take theirs out of the same view.
      let cursors = state.withLock { $0.listeners.values.map(\.notes) }
      let from = cursors.contains(nil) ? nil : cursors.compactMap { $0 }.min()
      let wish = ViewWish(
        notesFrom: from, mostNotes: WebLimits.frameNotes, shelfAfter: shelf.revision,
        includesHealth: ticks % 30 == 0)
      let view = await session.view(wish)
      if let view {
        if let new = view.shelf { shelf = (view.shelfRevision, new.line) }
        if let new = view.health { health = (health.number + 1, new.line) }
      }
      tell(view, shelf, health)
      ticks += 1
      try? await Task.sleep(for: WebLimits.framePeriod)
    }
  }

  private func tell(
    _ view: SessionView?, _ shelf: (revision: Int, line: String),
    _ health: (number: Int, line: String)
  ) {
    let song = view?.song.line ?? "null"
    let stateLine = view?.state.line ?? "null"
    let now = ContinuousClock.now
    state.withLock { state in
      let news = state.news
      for (key, var listener) in state.listeners {
        guard listener.channel.isWritable else {
          listener.missedFrames += 1
          let since = listener.stalledSince ?? now
          listener.stalledSince = since
          state.listeners[key] = listener
          if now - since > .nanoseconds(WebLimits.readingTime.nanoseconds) {
            listener.channel.close(promise: nil)
          }
          continue
        }
        listener.stalledSince = nil
        var parts = ["\"song\":\(song)"]
        if let view {
          parts += Self.notes(of: view, for: &listener)
        }
        if listener.state != stateLine {
          listener.state = stateLine
          parts.append("\"state\":\(stateLine)")
        }
        if listener.shelf != shelf.revision {
          listener.shelf = shelf.revision
          parts.append("\"shelf\":\(shelf.line)")
        }
        if listener.health != health.number {
          listener.health = health.number
          parts.append("\"health\":\(health.line)")
        }
        let fresh = news.filter { $0.number > listener.news }
        if let last = fresh.last {
          listener.news = last.number
          parts.append("\"news\":\(JSONValue.array(fresh.map { .string($0.text) }).line)")
        }
        if listener.missedFrames > 0 { parts.append("\"missedFrames\":\(listener.missedFrames)") }
        if listener.skippedNotes > 0 { parts.append("\"skippedNotes\":\(listener.skippedNotes)") }
        state.listeners[key] = listener
        let text = "{\(parts.joined(separator: ","))}"
        listener.channel.writeAndFlush(
          WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: text)), promise: nil)
      }
    }
  }

  private static func notes(of view: SessionView, for listener: inout Listener) -> [String] {
    let from = listener.notes ?? view.firstNote
    // What lies before the view's first is no longer to be had.
    if view.firstNote > from { listener.skippedNotes += view.firstNote - from }
    listener.notes = view.nextNote
    let fresh = view.notes.filter { $0.number >= from }
    return fresh.isEmpty ? [] : ["\"notes\":[\(fresh.map(\.line).joined(separator: ","))]"]
  }
}
