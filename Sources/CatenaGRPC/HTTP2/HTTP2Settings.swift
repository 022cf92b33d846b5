// SPDX-License-Identifier: Apache-2.0
// What we announce to a peer in our first SETTINGS frame, and the two bounds nghttp2 keeps for us beside it.
// Flow-control windows are in bytes and are refilled by nghttp2 when half of one has been used.

/// Our half of an HTTP/2 connection's settings (RFC 9113 section 6.5.2).
struct HTTP2Settings: Sendable {
    /// Streams the peer may have open at once. Only a server announces it.
    var maxConcurrentStreams: UInt32 = 1000
    /// What each field of a header block counts beside its name and value (RFC 9113 section 6.5.2).
    static let fieldOverhead = 32

    /// Bytes a peer may send on one stream before we have read them: what a slow reader costs us at most, beside one message.
    var streamWindow: Int32 = 1 << 20
    /// Bytes a peer may send on all streams together before we have read them.
    var connectionWindow: Int32 = 16 << 20
    /// Largest header block accepted, in the RFC's count (name + value + 32 for each field).
    var maxHeaderListSize: UInt32 = 64 << 10

    init() {}
}
