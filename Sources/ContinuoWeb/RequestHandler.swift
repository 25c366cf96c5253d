// SPDX-License-Identifier: MIT
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// One connection's requests, one at a time: checked at the head, bounded in the body, answered.
///
/// Runs on the channel's event loop; commands run as tasks.
final class RequestHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let router: WebRouter
  private let book: ConnectionBook
  private let number: Int
  private let headGuard: HeadGuard
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []
  private var deadline: Scheduled<Void>?
  private var work: Task<Void, Never>?

  init(router: WebRouter, book: ConnectionBook, number: Int, headGuard: HeadGuard) {
    self.router = router
    self.book = book
    self.number = number
    self.headGuard = headGuard
  }

  func handlerAdded(context: ChannelHandlerContext) { limit(context, WebLimits.requestTime) }

  func handlerRemoved(context: ChannelHandlerContext) {
    deadline?.cancel()
    work?.cancel()
  }

  func channelInactive(context: ChannelHandlerContext) {
    // Who goes away takes its command back.
    deadline?.cancel()
    work?.cancel()
    book.leave(number)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // An upgrade that was turned down goes on as a plain request, and is answered as one.
    guard !(error is NIOWebSocketUpgradeError) else { return }
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): begin(head, context)
    case .body(let part): take(part, context)
    case .end: end(context)
    }
  }

  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    headGuard.headEnded()
    body = []
    if let refusal = router.refusal(head) {
      answer(refusal, to: head, context)
      return
    }
    if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }),
      length > WebLimits.bodyBytes
    {
      answer(Self.tooLarge, to: head, context)
      return
    }
    if router.isCall(head) { book.trust(number) }
    self.head = head
  }

  private func take(_ part: ByteBuffer, _ context: ChannelHandlerContext) {
    guard let head else { return }
    guard body.count + part.readableBytes <= WebLimits.bodyBytes else {
      answer(Self.tooLarge, to: head, context)
      return
    }
    body.append(contentsOf: part.readableBytesView)
  }

  private func end(_ context: ChannelHandlerContext) {
    guard let head else { return }
    deadline?.cancel()
    let body = body
    self.body = []
    if let response = router.response(at: head) {
      answer(response, to: head, context)
      return
    }
    let router = router
    let here = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
    let loop = context.eventLoop
    work = Task {
      let response = await router.call(head, body)
      loop.execute {
        let (handler, context) = here.value
        guard context.channel.isActive else { return }
        handler.answer(response, to: head, context)
      }
    }
  }

  private static let tooLarge = WebResponse.refused(
    .payloadTooLarge, "A body has \(WebLimits.bodyBytes) bytes at most", closes: true)

  private func answer(
    _ response: WebResponse, to head: HTTPRequestHead, _ context: ChannelHandlerContext
  ) {
    self.head = nil
    work = nil
    let keepsAlive = head.isKeepAlive && !response.closes
    let first = HTTPResponseHead(
      version: .http1_1, status: response.status,
      headers: response.headers(keepsAlive: keepsAlive, port: router.gate.port))
    context.write(wrapOutboundOut(.head(first)), promise: nil)
    if head.method != .HEAD {
      context.write(
        wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: response.body)))), promise: nil)
    }
    let written = context.eventLoop.makePromise(of: Void.self)
    limit(context, WebLimits.readingTime)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    let here = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
    written.futureResult.whenComplete { _ in
      let (handler, context) = here.value
      guard context.channel.isActive else { return }
      guard keepsAlive else {
        context.close(promise: nil)
        return
      }
      handler.limit(context, WebLimits.requestTime)
    }
    headGuard.expectHead()
  }

  /// Closes the connection unless something else happens within `time`.
  private func limit(_ context: ChannelHandlerContext, _ time: TimeAmount) {
    deadline?.cancel()
    let here = NIOLoopBound(context, eventLoop: context.eventLoop)
    deadline = context.eventLoop.scheduleTask(in: time) {
      here.value.close(promise: nil)
    }
  }
}
