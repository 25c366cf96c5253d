// SPDX-License-Identifier: MIT
public import ContinuoSession
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Glibc

/// The page and the API of a session that stays, on loopback, for whoever holds the token.
///
/// One event loop of its own reads and writes; commands run as tasks. Nothing on disk is served.
public final class WebServer: Sendable {
  /// The link to open: the token is behind the `#`, which no browser sends or logs.
  public let link: String
  /// The file, readable by this user alone, that holds the address and the token.
  public let file: String
  private let channel: any Channel
  private let group: MultiThreadedEventLoopGroup
  private let book: ConnectionBook
  private let feed: EventsFeed

  /// Begins to serve.
  ///
  /// - Parameters:
  ///   - session: what the events tell of.
  ///   - desk: who carries out the commands.
  ///   - settings: the instance's name and the folder of the token's file.
  ///   - port: where to listen on 127.0.0.1; 0 for any free port.
  public static func start(
    _ session: any OpenSession, desk: any CommandHandler, settings: Settings, port: UInt16
  ) async throws(WebError) -> WebServer {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    do throws(WebError) {
      return try await start(session, desk, settings, port, group)
    } catch {
      try? await group.shutdownGracefully()
      throw error
    }
  }

  private static func start(
    _ session: any OpenSession, _ desk: any CommandHandler, _ settings: Settings, _ port: UInt16,
    _ group: MultiThreadedEventLoopGroup
  ) async throws(WebError) -> WebServer {
    let token = WebToken()
    let book = ConnectionBook()
    let feed = EventsFeed(session)
    let channel = try await listen(port, group) { channel in
      // Known only once the listener has its port; connections come after that.
      let port = channel.localAddress?.port ?? 0
      let router = WebRouter(gate: WebGate(token: token, port: port), desk: desk, feed: feed)
      return Self.prepare(channel, router, book, feed)
    }
    let address = "http://127.0.0.1:\(channel.localAddress?.port ?? 0)/"
    let file = "\(settings.runtimeFolder.path)/\(settings.name).web"
    let facts: JSONValue = ["address": .string(address), "token": .string(token.text)]
    do throws(WebError) {
      try WebToken.write(facts.line + "\n", to: file)
    } catch {
      try? await channel.close()
      throw error
    }
    return WebServer(
      link: "\(address)#\(token.text)", file: file, channel: channel, group: group, book: book,
      feed: feed)
  }

  private init(
    link: String, file: String, channel: any Channel, group: MultiThreadedEventLoopGroup,
    book: ConnectionBook, feed: EventsFeed
  ) {
    self.link = link
    self.file = file
    self.channel = channel
    self.group = group
    self.book = book
    self.feed = feed
  }

  /// Tells the page what happens unasked.
  ///
  /// Any thread.
  public func say(_ text: String) { feed.say(text) }

  /// Closes every connection, which takes their commands back, and removes the token's file.
  public func stop() async {
    feed.stop()
    try? await channel.close()
    await book.closeAll()
    unlink(file)
    try? await group.shutdownGracefully()
  }

  private static func listen(
    _ port: UInt16, _ group: MultiThreadedEventLoopGroup,
    _ prepare: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
  ) async throws(WebError) -> any Channel {
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 128)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4096))
      .childChannelOption(
        .writeBufferWaterMark, value: .init(low: 64 << 10, high: 256 << 10)
      )
      .childChannelInitializer(prepare)
    do {
      return try await bootstrap.bind(host: "127.0.0.1", port: Int(port)).get()
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw .portTaken(port: port)
    } catch {
      throw .cannotListen(reason: "\(error)")
    }
  }

  private static func prepare(
    _ channel: any Channel, _ router: WebRouter, _ book: ConnectionBook, _ feed: EventsFeed
  ) -> EventLoopFuture<Void> {
    guard let number = book.enter(channel) else {
      return channel.close()
    }
    return channel.eventLoop.makeCompletedFuture {
      let pipeline = channel.pipeline.syncOperations
      let headGuard = HeadGuard()
      try pipeline.addHandler(headGuard, name: headName)
      let upgrader = NIOWebSocketServerUpgrader(
        maxFrameSize: WebLimits.frameBytes,
        shouldUpgrade: { channel, head in
          let isOurs = head.uri == "/api/events" && (try? router.gate.checkUpgrade(head)) != nil
          guard isOurs else { return channel.eventLoop.makeSucceededFuture(nil) }
          book.trust(number)
          let headers = HTTPHeaders([("Sec-WebSocket-Protocol", WebGate.protocolName)])
          return channel.eventLoop.makeSucceededFuture(headers)
        },
        upgradePipelineHandler: { channel, _ in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(
              EventsHandler(feed: feed, book: book, number: number))
          }
        })
      try pipeline.configureHTTPServerPipeline(
        withServerUpgrade: (
          upgraders: [upgrader],
          completionHandler: { context in
            context.pipeline.syncOperations.removeHandler(name: headName, promise: nil)
            context.pipeline.syncOperations.removeHandler(name: requestsName, promise: nil)
          }
        ))
      try pipeline.addHandler(
        RequestHandler(router: router, book: book, number: number, headGuard: headGuard),
        name: requestsName)
    }
  }

  private static let headName = "head"
  private static let requestsName = "requests"
}
