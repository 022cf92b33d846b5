// SPDX-License-Identifier: Apache-2.0
// The object that nghttp2's stream user data points to: one HTTP/2 stream, seen from the gRPC side that overrides its methods.
// A base class and not a protocol, because the C callbacks reach it through one raw pointer, without a look-up or an existential.
internal import NIOCore

/// One stream of an ``HTTP2Session``. All of it is used on the connection's loop only; the session keeps it alive while it is open.
///
/// Its properties are not checked for overlapping accesses at run time: on one loop, and with no access that lasts while code of others
/// runs, there are none, and the checks would cost as much as HTTP/2 itself.
class HTTP2Stream {
    /// The stream's number on the wire; 0 until it is submitted or received.
    @safe @exclusivity(unchecked) final var id: Int32 = 0
    /// The place in the session's list of open streams; -1 when the stream is not open.
    @safe @exclusivity(unchecked) final var slot = -1
    /// The peer has sent END_STREAM.
    @safe @exclusivity(unchecked) final var remoteEnded = false
    /// Our HEADERS have been serialized, so the peer may have seen them.
    @safe @exclusivity(unchecked) final var headersSent = false
    /// We have serialized END_STREAM.
    @safe @exclusivity(unchecked) final var localEnded = false
    /// What we send as the body. After a change the session is told with ``HTTP2Session/bodyChanged(_:)``.
    @safe @exclusivity(unchecked) final var outbound = OutboundMessages()
    /// What follows the body; nil ends the stream with the last byte of the body.
    @safe @exclusivity(unchecked) final var trailers: HeaderBlock?
    /// nghttp2 has asked for more of the body than there was, and must be told when there is more.
    @safe @exclusivity(unchecked) final var isBodyStalled = false
    /// While true, the peer's window for this stream is not refilled: it can send what the window still holds, and then waits.
    @safe @exclusivity(unchecked) final var isReadingPaused = false
    /// Received bytes for which the window has not been refilled yet.
    @safe @exclusivity(unchecked) final var uncredited = 0
    /// Remembers where received bytes lie, which is for a moment only; ``keepBorrowed()`` comes before they go.
    @safe @exclusivity(unchecked) final var isBorrowing = false

    init() {}

    /// The stream is known to nghttp2 and not closed.
    final var isOpen: Bool { slot >= 0 }

    /// Makes a closed stream as good as new.
    func prepareForReuse() {
        id = 0
        remoteEnded = false
        headersSent = false
        localEnded = false
        outbound.reset()
        trailers = nil
        isBodyStalled = false
        isReadingPaused = false
        uncredited = 0
        isBorrowing = false
    }

    /// One header field, lower-case name, checked by nghttp2 against RFC 9113 section 8.2. The bytes are borrowed. Must not run code
    /// of others: the caller holds no reference.
    func received(name: Span<UInt8>, value: Span<UInt8>) {}

    /// A header block (the first one or trailers) is complete.
    func receivedHeaders() {}

    /// A part of the body. The bytes are borrowed.
    func received(data: Span<UInt8>) {}

    /// Bytes that the stream remembers the place of are about to go. Must not run code of others.
    func keepBorrowed() {}

    /// The peer has ended its side.
    func receivedEnd() {}

    /// Much of the body has waited for the peer's window or the socket, and now little does.
    func bodyDrained() {}

    /// The stream is gone: ended on both sides, reset by either, or lost with its connection. Called once, and last.
    func closed(_ code: HTTP2ErrorCode) {}
}
