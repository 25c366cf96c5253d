// SPDX-License-Identifier: MIT
import NIOCore

/// Closes a connection whose request has more before its body than `WebLimits.headBytes`.
///
/// Stands before the decoder, which would gather whatever comes. Runs on the channel's event loop.
final class HeadGuard: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private var bytes = 0
  private var isInHead = true

  /// The head is whole: what follows is the body, which the request's handler bounds.
  func headEnded() { isInHead = false }

  /// The request is answered: what follows is the next one's head.
  func expectHead() {
    isInHead = true
    bytes = 0
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isInHead {
      bytes += unwrapInboundIn(data).readableBytes
      guard bytes <= WebLimits.headBytes else {
        context.close(promise: nil)
        return
      }
    }
    context.fireChannelRead(data)
  }
}
