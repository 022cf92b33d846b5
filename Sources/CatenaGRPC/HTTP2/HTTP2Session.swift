// SPDX-License-Identifier: Apache-2.0
// The typed, safe face of one nghttp2_session: bytes in, bytes out, streams as objects. With its extensions in this folder and
// HeaderBlock.swift it is all the unsafe code of this module; what each call does is documented in <nghttp2/nghttp2.h>.
internal import CNghttp2
internal import NIOCore

/// One side of an HTTP/2 connection, without a socket (RFC 9113). Used on one loop only. Nothing may call ``receive(_:)`` or
/// ``collect(upTo:)`` from inside a stream's or the delegate's methods; submitting, resetting and closing are allowed there.
@safe final class HTTP2Session {
    enum Role: Sendable { case client, server }

    // Properties that every frame touches are not checked for overlapping accesses at run time: on one loop, and with no access
    // that lasts while code of others runs, there are none.

    let role: Role
    /// Serialized frames for the socket, from the last ``collect(upTo:)``.
    var output = ByteBuffer()
    /// Told of everything that concerns the connection as a whole; let go of by ``close(_:)``. Not counted: who owns the session, an
    /// ``HTTP2Connection``, holds its delegate as long.
    @safe unowned(unsafe) var delegate: (any HTTP2ConnectionDelegate)?
    /// All open streams, each held once; the only owner of a stream that nghttp2 points to. Unmanaged, so that moving one within the
    /// list counts nothing.
    @safe @exclusivity(unchecked) var slots: ContiguousArray<Unmanaged<HTTP2Stream>> = unsafe []
    /// Closed streams that nobody else holds, each held once, for the next calls.
    @safe @exclusivity(unchecked) var spares: ContiguousArray<Unmanaged<HTTP2Stream>> = unsafe []
    /// What is being received.
    @safe @exclusivity(unchecked) var input = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    /// The stream that looks at a message where it lies in ``input``: never more than one, so that one look at the end is enough.
    @safe @exclusivity(unchecked) var borrower: Unmanaged<HTTP2Stream>?
    /// Streams that were let go of from inside nghttp2, which may still use them until it returns.
    var released: ContiguousArray<HTTP2Stream> = []
    /// What the peer may still ask of us without doing anything useful.
    @safe @exclusivity(unchecked) var budget = FrameBudget()
    /// The peer's first SETTINGS have come, so there is a peer that speaks HTTP/2.
    var hasPeerSettings = false
    /// The header block that is coming in, of a stream or of none; 0 between blocks.
    @safe @exclusivity(unchecked) var openHeaderBlock: Int32 = 0
    /// The stream of that block; nil when it is not ours any more.
    @safe @exclusivity(unchecked) var headerStream: Unmanaged<HTTP2Stream>?
    /// Its size so far, in the count of RFC 9113 section 6.5.2.
    @safe @exclusivity(unchecked) var headerBlockSize = 0
    let headerBlockLimit: Int

    let session: OpaquePointer
    let memory = HTTP2Memory()
    let creditStep: Int
    /// Where serialized bytes go while ``collect(upTo:)`` runs.
    @safe @exclusivity(unchecked) var room = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)
    @safe @exclusivity(unchecked) var used = 0
    /// A DATA frame did not fit.
    @safe @exclusivity(unchecked) var isRoomShort = false
    /// A frame that did not fit, in nghttp2's memory.
    @safe @exclusivity(unchecked) var leftOver = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    var isCollecting = false
    @safe @exclusivity(unchecked) var drained: ContiguousArray<HTTP2Stream> = []
    /// The peer did harm: it is sent GOAWAY, and nothing more is read of it.
    var isTerminated = false
    /// The GOAWAY of a terminated session has been serialized.
    var isFarewellSent = false
    var isReceiving = false
    /// Of what is being received, the headers of calls and parts of messages.
    @safe @exclusivity(unchecked) var usefulBytes = 0
    /// The last stream ids that our GOAWAYs have named, when queued and when sent; they must not grow (RFC 9113 section 6.8).
    var lastAnnounced = Int32.max
    var lastSent = Int32.max
    /// A GOAWAY that names the last stream is queued: streams above it must not begin.
    var refusesStreams = false
    /// What to send once GOAWAY has left.
    var pingAfterGoAway: PingPurpose?
    var isClosed = false

    /// Makes a session and queues the connection preface and `settings`.
    ///
    /// - Throws: ``HTTP2SessionError`` when nghttp2 has no memory.
    init(
        role: Role, settings: HTTP2Settings, delegate: any HTTP2ConnectionDelegate
    ) throws(HTTP2SessionError) {
        self.role = role
        self.delegate = delegate
        creditStep = Int(settings.streamWindow) / 4
        headerBlockLimit = 4 * Int(settings.maxHeaderListSize)
        unsafe self.session = try Self.makeSession(role, memory)
        unsafe nghttp2_session_set_user_data(session, Unmanaged.passUnretained(self).toOpaque())
        try submit(settings)
    }

    deinit {
        unsafe nghttp2_session_del(session)
        for unsafe stream in unsafe slots { unsafe stream.release() }
        for unsafe stream in unsafe spares { unsafe stream.release() }
    }

    private static func makeSession(_ role: Role, _ memory: HTTP2Memory) throws(HTTP2SessionError) -> OpaquePointer {
        var option: OpaquePointer?
        try unsafe check(nghttp2_option_new(&option))
        defer { unsafe nghttp2_option_del(option) }
        // Closed streams are kept by default for a priority scheme that RFC 9113 has withdrawn.
        unsafe nghttp2_option_set_no_closed_streams(option, 1)
        // A stream's window is refilled as its reader reads.
        unsafe nghttp2_option_set_no_auto_window_update(option, 1)
        // The session's own limits of PINGs and resets say nothing to the peer, so they stand behind FrameBudget's, which do.
        unsafe nghttp2_option_set_max_outbound_ack(option, 2 * Int(FrameBudget.burst))
        unsafe nghttp2_option_set_stream_reset_rate_limit(option, 2 * UInt64(FrameBudget.burst), 10_000_000)

        var callbacks: OpaquePointer?
        try unsafe check(nghttp2_session_callbacks_new(&callbacks))
        defer { unsafe nghttp2_session_callbacks_del(callbacks) }
        unsafe installCallbacks(callbacks)

        var session: OpaquePointer?
        var functions = unsafe memory.functions
        switch role {
        case .client: try unsafe check(nghttp2_session_client_new3(&session, callbacks, nil, option, &functions))
        case .server: try unsafe check(nghttp2_session_server_new3(&session, callbacks, nil, option, &functions))
        }
        guard let session = unsafe session else { throw HTTP2SessionError(code: NGHTTP2_ERR_NOMEM.rawValue) }
        return unsafe session
    }

    private func submit(_ settings: HTTP2Settings) throws(HTTP2SessionError) {
        var entries = [
            Self.entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, UInt32(settings.streamWindow)),
            Self.entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, settings.maxHeaderListSize),
        ]
        switch role {
        case .server: entries.append(Self.entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, settings.maxConcurrentStreams))
        case .client: entries.append(Self.entry(NGHTTP2_SETTINGS_ENABLE_PUSH, 0))
        }
        try unsafe Self.check(nghttp2_submit_settings(session, Self.flags, entries, entries.count))
        try unsafe Self.check(nghttp2_session_set_local_window_size(session, Self.flags, 0, settings.connectionWindow))
    }

    private static func entry(_ id: nghttp2_settings_id, _ value: UInt32) -> nghttp2_settings_entry {
        nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: value)
    }

    static func check(_ result: CInt) throws(HTTP2SessionError) {
        guard result >= 0 else { throw HTTP2SessionError(code: result) }
    }

    static let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
}
