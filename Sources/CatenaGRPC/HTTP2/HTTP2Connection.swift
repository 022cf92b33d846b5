// SPDX-License-Identifier: Apache-2.0
// The one channel handler of a connection: it joins a socket to an HTTP2Session and decides when bytes leave. There is no child
// channel per stream, and one flush for all that was answered or begun in a read or in a turn of the loop: that is where the speed is.
internal import NIOCore

/// A channel handler that owns one ``HTTP2Session``. Used on its channel's loop only.
final class HTTP2Connection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bytes handed to the channel at a time. A channel that is not writable gets no more until it is.
    private static let batchSize = 64 << 10

    let session: HTTP2Session
    private let delegate: any HTTP2ConnectionDelegate
    private let eventLoop: any EventLoop
    private var context: ChannelHandlerContext?
    private var isReading = false
    private var isFlushScheduled = false
    private var isFlushing = false
    private var becameWritable = false
    private var isClosing = false
    private var isOpened = false
    private var isDrainRequested = false
    private var isClosedReported = false
    /// Why we closed, or what the socket said; nil when the peer closed without a word.
    private(set) var closeReason: String?

    /// - Throws: ``HTTP2SessionError`` when nghttp2 has no memory.
    init(
        role: HTTP2Session.Role, settings: HTTP2Settings, channel: any Channel, delegate: any HTTP2ConnectionDelegate
    ) throws(HTTP2SessionError) {
        self.session = try HTTP2Session(role: role, settings: settings, delegate: delegate)
        self.delegate = delegate
        self.eventLoop = channel.eventLoop
    }

    /// Says that the session has something to send. It leaves with the current read, or at the end of this turn of the loop.
    func setNeedsFlush() {
        eventLoop.assertInEventLoop()
        guard !isReading, !isFlushing, !isFlushScheduled, context != nil else { return }
        isFlushScheduled = true
        eventLoop.assumeIsolated().execute {
            self.isFlushScheduled = false
            self.flush()
        }
    }

    /// Closes the channel without waiting for anything; open streams are told within this call or the next turn.
    func close(reason: String) {
        eventLoop.assertInEventLoop()
        if closeReason == nil { closeReason = reason }
        isClosing = true
        context?.close(promise: nil)
    }

    private func flush() {
        guard let context, !isClosing, isOpened, !isFlushing else { return }
        isFlushing = true
        defer { isFlushing = false }
        do {
            repeat {
                becameWritable = false
                var wrote = false
                while context.channel.isWritable {
                    let more = try session.collect(upTo: Self.batchSize)
                    guard session.output.readableBytes > 0 else { break }
                    context.write(Self.wrapOutboundOut(session.output), promise: nil)
                    wrote = true
                    guard more else { break }
                }
                if wrote { context.flush() }
            } while becameWritable
        } catch {
            close(reason: "HTTP/2 session failed: \(error)")
            return
        }
        if session.isFinished { closeAfterFlush(context) }
    }

    /// Closes once the last frames have reached the kernel: `close` alone would drop what is still buffered.
    private func closeAfterFlush(_ context: ChannelHandlerContext) {
        guard !isClosing else { return }
        isClosing = true
        let channel = context.channel
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer())).whenComplete { _ in channel.close(promise: nil) }
    }
}

// MARK: - Channel events

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
        isReading = true
        do {
            try session.receive(Self.unwrapInboundIn(data))
        } catch {
            close(reason: "HTTP/2 session failed: \(error)")
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
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

    private func open() {
        guard !isOpened else { return }
        isOpened = true
        delegate.connectionOpened()
        flush()
    }

    private func closed() {
        guard context != nil, !isClosedReported else { return }
        isClosing = true
        isClosedReported = true
        delegate.connectionLost()
        session.close(.connectError)
        delegate.connectionClosed(reason: closeReason ?? "connection closed by the peer")
    }
}

/// A user event that asks an ``HTTP2Connection`` to end when its calls have, fired into its pipeline by whoever has the channel.
struct DrainRequest: Sendable {
    init() {}
}
