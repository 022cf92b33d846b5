// SPDX-License-Identifier: Apache-2.0
// What the channel tells a connection, from its first byte to its end.
internal import NIOCore

extension HTTP2Connection {
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { open() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        closed()
        // Breaks the cycle with the pipeline; the channel is gone, or another handler has it now.
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        open()
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        closed()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // What still comes after our last frame is read so that the peer's close is seen, and means nothing.
        guard !isClosing else { return }
        isReading = true
        do {
            try session.receive(Self.unwrapInboundIn(data))
        } catch {
            if closeReason == nil { closeReason = "HTTP/2 session failed: \(error)" }
            session.terminate(error.peerCode, "")
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        keepalive?.reads &+= 1
        if session.openHeaderBlock != 0 { watchBegin() }
        if session.isTerminated { limitFarewell() }
        flush()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            becameWritable = true
            flush()
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is DrainRequest { requestDrain() } else { context.fireUserInboundEventTriggered(event) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(reason: describe(error))
    }

    /// Tells the delegate, once, that the connection should end when its calls have.
    func requestDrain() {
        guard !isDrainRequested else { return }
        isDrainRequested = true
        delegate.drainRequested()
        setNeedsFlush()
    }

    /// The channel went before this handler could be added to it: what belongs to the connection is let go of.
    func abandon() {
        delegate.connectionClosed(reason: "the channel closed before it was served")
        session.close(.connectError)
    }

    private func open() {
        guard !isOpened else { return }
        isOpened = true
        delegate.connectionOpened()
        startKeepalive()
        if session.role == .server { watchBegin() }
        flush()
    }

    private func closed() {
        guard context != nil, !isClosedReported else { return }
        isClosing = true
        isClosedReported = true
        stopTimers()
        delegate.connectionLost()
        session.close(.connectError)
        delegate.connectionClosed(reason: closeReason ?? "connection closed by the peer")
    }
}
