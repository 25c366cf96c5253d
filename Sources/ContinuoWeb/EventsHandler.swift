// SPDX-License-Identifier: MIT
import NIOCore
import NIOWebSocket

/// One listener's WebSocket: it is told, and has nothing to say but ping and good-bye.
///
/// Runs on the channel's event loop.
final class EventsHandler: ChannelInboundHandler {
  typealias InboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  private let feed: EventsFeed
  private let book: ConnectionBook
  private let number: Int
  private var isClosing = false

  init(feed: EventsFeed, book: ConnectionBook, number: Int) {
    self.feed = feed
    self.book = book
    self.number = number
  }

  func handlerAdded(context: ChannelHandlerContext) {
    if !feed.add(context.channel) { close(context, .policyViolation) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    feed.remove(context.channel)
    book.leave(number)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    guard !isClosing else { return }
    // Clients must mask (RFC 6455, 5.1), and no extension was agreed to.
    guard frame.maskKey != nil, !frame.rsv1, !frame.rsv2, !frame.rsv3 else {
      close(context, .protocolError)
      return
    }
    switch frame.opcode {
    case .connectionClose: close(context, .normalClosure)
    case .ping:
      guard frame.fin, frame.length <= 125 else {
        close(context, .protocolError)
        return
      }
      // A client that does not read its answers gets none.
      guard context.channel.isWritable else { return }
      let pong = WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)
      context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
    case .pong: break
    default: close(context, .unacceptableData)
    }
  }

  private func close(_ context: ChannelHandlerContext, _ code: WebSocketErrorCode) {
    isClosing = true
    feed.remove(context.channel)
    var data = context.channel.allocator.buffer(capacity: 2)
    data.write(webSocketErrorCode: code)
    let frame = WebSocketFrame(fin: true, opcode: .connectionClose, data: data)
    let here = NIOLoopBound(context, eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(frame)).whenComplete { _ in
      here.value.close(promise: nil)
    }
  }
}
