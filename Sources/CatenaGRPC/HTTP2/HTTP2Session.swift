// SPDX-License-Identifier: Apache-2.0
// The typed, safe face of one nghttp2_session: bytes in, bytes out, streams as objects. With HTTP2Session+Callbacks.swift and
// HeaderBlock.swift it is all the unsafe code of this module; what each call does is documented in <nghttp2/nghttp2.h>.
internal import CNghttp2
internal import NIOCore

/// One side of an HTTP/2 connection, without a socket (RFC 9113). Used on one loop only. Nothing may call ``receive(_:)`` or
/// ``collect(upTo:)`` from inside a stream's or the delegate's methods; submitting, resetting and closing are allowed there.
@safe final class HTTP2Session {
    enum Role: Sendable { case client, server }

    let role: Role
    /// Serialized frames for the socket, from the last ``collect(upTo:)``.
    private(set) var output = ByteBuffer()
    /// Told of everything that concerns the connection as a whole; let go of by ``close(_:)``.
    private(set) var delegate: (any HTTP2ConnectionDelegate)?
    /// All open streams; the only owner of a stream that nghttp2 points to.
    private(set) var streams: ContiguousArray<HTTP2Stream> = []

    /// An idle connection keeps at most this much memory for its output.
    private static let keptOutputCapacity = 32 << 10

    let session: OpaquePointer
    private var outputLimit = 0
    private var pausedByLimit = false
    private var pingsAfterGoAway = false
    private var isClosed = false

    /// Makes a session and queues the connection preface and `settings`.
    ///
    /// - Throws: ``HTTP2SessionError`` when nghttp2 has no memory.
    init(
        role: Role, settings: HTTP2Settings, delegate: any HTTP2ConnectionDelegate
    ) throws(HTTP2SessionError) {
        self.role = role
        self.delegate = delegate
        unsafe self.session = try Self.makeSession(role)
        unsafe nghttp2_session_set_user_data(session, Unmanaged.passUnretained(self).toOpaque())
        try submit(settings)
    }

    deinit {
        unsafe nghttp2_session_del(session)
    }

    private static func makeSession(_ role: Role) throws(HTTP2SessionError) -> OpaquePointer {
        var option: OpaquePointer?
        try unsafe check(nghttp2_option_new(&option))
        defer { unsafe nghttp2_option_del(option) }
        // Closed streams are kept by default for a priority scheme that RFC 9113 has withdrawn.
        unsafe nghttp2_option_set_no_closed_streams(option, 1)
        // grpc-go sends a PING for every burst of DATA: acks that wait for a slow socket are no attack until there are very many.
        unsafe nghttp2_option_set_max_outbound_ack(option, 10_000)
        // A client whose deadlines expire resets streams at the rate of its calls.
        unsafe nghttp2_option_set_stream_reset_rate_limit(option, 10_000, 1_000)

        var callbacks: OpaquePointer?
        try unsafe check(nghttp2_session_callbacks_new(&callbacks))
        defer { unsafe nghttp2_session_callbacks_del(callbacks) }
        unsafe installCallbacks(callbacks)

        var session: OpaquePointer?
        switch role {
        case .client: try unsafe check(nghttp2_session_client_new2(&session, callbacks, nil, option))
        case .server: try unsafe check(nghttp2_session_server_new2(&session, callbacks, nil, option))
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
        try unsafe Self.check(nghttp2_submit_settings(session, flags, entries, entries.count))
        try unsafe Self.check(nghttp2_session_set_local_window_size(session, flags, 0, settings.connectionWindow))
    }

    private static func entry(_ id: nghttp2_settings_id, _ value: UInt32) -> nghttp2_settings_entry {
        nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: value)
    }

    private static func check(_ result: CInt) throws(HTTP2SessionError) {
        guard result >= 0 else { throw HTTP2SessionError(code: result) }
    }

    private var flags: UInt8 { UInt8(NGHTTP2_FLAG_NONE.rawValue) }
}

// MARK: - Bytes

extension HTTP2Session {
    /// Feeds bytes from the socket; runs the methods of streams and of the delegate.
    ///
    /// - Throws: ``HTTP2SessionError`` when the connection cannot go on; close it.
    func receive(_ bytes: ByteBuffer) throws(HTTP2SessionError) {
        guard !isClosed else { return }
        let result = unsafe bytes.withUnsafeReadableBytes { bytes in
            unsafe nghttp2_session_mem_recv(session, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
        }
        // Closed from inside: nghttp2 reports the callbacks' refusal to go on, which is no news.
        guard result >= 0 || isClosed else { throw HTTP2SessionError(code: CInt(result)) }
    }

    /// Serializes what waits into ``output``, replacing what was there, up to about `limit` bytes; one DATA frame may go beyond it.
    ///
    /// - Returns: true when more may wait because the limit was reached.
    /// - Throws: ``HTTP2SessionError`` when the connection cannot go on; close it.
    func collect(upTo limit: Int) throws(HTTP2SessionError) -> Bool {
        startOutput()
        outputLimit = limit
        pausedByLimit = false
        while !isClosed, output.readableBytes < limit {
            var bytes: UnsafePointer<UInt8>?
            let count = unsafe nghttp2_session_mem_send(session, &bytes)
            guard count >= 0 else { throw HTTP2SessionError(code: CInt(count)) }
            if count == 0 { return pausedByLimit }
            unsafe output.writeBytes(UnsafeRawBufferPointer(start: bytes, count: count))
        }
        return !isClosed
    }

    /// Empties the output. Its memory is used again when the socket has let go of it, and given back after a burst.
    private func startOutput() {
        if output.capacity > Self.keptOutputCapacity { output = ByteBuffer() } else { output.clear() }
    }

    /// Neither reading nor writing can bring anything more: the connection is to be closed.
    var isFinished: Bool {
        unsafe isClosed || (nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0)
    }

    /// nghttp2 is about to send a DATA frame: its header and `count` bytes of `stream`'s body go to the output.
    ///
    /// - Returns: false when the output has reached its limit.
    func writeData(header: UnsafeRawBufferPointer, count: Int, of stream: HTTP2Stream) -> Bool {
        unsafe output.writeBytes(header)
        stream.outbound.write(count, into: &output)
        pausedByLimit = output.readableBytes >= outputLimit
        return !pausedByLimit
    }
}

// MARK: - Streams

extension HTTP2Session {
    /// Opens a stream with `headers` and the stream's body. It leaves when the peer's limits allow.
    ///
    /// - Throws: ``HTTP2SessionError`` when the session takes no more requests, for example because the stream ids are used up.
    func submitRequest(_ headers: HeaderBlock, _ stream: HTTP2Stream) throws(HTTP2SessionError) {
        let pointer = unsafe Unmanaged.passUnretained(stream).toOpaque()
        var body = unsafe Self.bodyProvider(pointer)
        let id = unsafe headers.withFields { fields, count in
            unsafe nghttp2_submit_request(session, nil, fields, count, &body, pointer)
        }
        try Self.check(id)
        open(stream, id: id)
    }

    /// Answers with `headers`, the stream's body and its trailers.
    ///
    /// - Throws: ``HTTP2SessionError`` when the session is out of memory.
    func submitResponse(_ headers: HeaderBlock, _ stream: HTTP2Stream) throws(HTTP2SessionError) {
        guard !isClosed, stream.isOpen else { return }
        var body = unsafe Self.bodyProvider(Unmanaged.passUnretained(stream).toOpaque())
        try unsafe Self.check(headers.withFields { fields, count in
            unsafe nghttp2_submit_response(session, stream.id, fields, count, &body)
        })
    }

    /// Answers with `headers` and nothing after them.
    ///
    /// - Throws: ``HTTP2SessionError`` when the session is out of memory.
    func submitHeadersOnly(_ headers: HeaderBlock, _ stream: HTTP2Stream) throws(HTTP2SessionError) {
        guard !isClosed, stream.isOpen else { return }
        try unsafe Self.check(headers.withFields { fields, count in
            unsafe nghttp2_submit_response(session, stream.id, fields, count, nil)
        })
    }

    /// Queues the stream's trailers, from inside the body's end.
    func submitTrailers(_ trailers: HeaderBlock, _ stream: HTTP2Stream) -> CInt {
        unsafe trailers.withFields { fields, count in
            unsafe nghttp2_submit_trailer(session, stream.id, fields, count)
        }
    }

    /// Ends a stream at once. What it still had to send is dropped. Does nothing when it is not open.
    func reset(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
        guard !isClosed, stream.isOpen else { return }
        // Fails only without memory; the connection then fails at its next read or write.
        _ = unsafe nghttp2_submit_rst_stream(session, flags, stream.id, code.rawValue)
    }

    /// Adds a stream that the peer has begun.
    func accept(_ stream: HTTP2Stream, id: Int32) {
        unsafe nghttp2_session_set_stream_user_data(session, id, Unmanaged.passUnretained(stream).toOpaque())
        open(stream, id: id)
    }

    private func open(_ stream: HTTP2Stream, id: Int32) {
        stream.id = id
        stream.slot = streams.count
        streams.append(stream)
    }

    /// Takes a stream that nghttp2 has closed off the list, and tells it.
    func remove(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
        guard stream.isOpen else { return }
        let last = streams.removeLast()
        if last !== stream {
            streams[stream.slot] = last
            last.slot = stream.slot
        }
        stream.slot = -1
        stream.closed(code)
    }
}

// MARK: - Connection

extension HTTP2Session {
    /// Streams of ours that the peer allows at once: its MAX_CONCURRENT_STREAMS, unlimited when it named none.
    var peerMaxConcurrentStreams: Int {
        Int(unsafe nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS))
    }

    /// Whether ``submitRequest(_:_:)`` can still bring a stream to the peer: no GOAWAY yet, and stream ids left.
    var allowsRequests: Bool {
        unsafe !isClosed && nghttp2_session_check_request_allowed(session) != 0
    }

    /// Queues GOAWAY with last stream 2^31-1, which only announces the end, and a PING whose answer proves that it was read.
    func submitShutdownNotice() {
        guard !isClosed else { return }
        pingsAfterGoAway = true
        _ = unsafe nghttp2_submit_shutdown_notice(session)
    }

    /// GOAWAY has been serialized. Only now may its PING be queued: nghttp2 sends PINGs ahead of all else.
    func goAwaySent() {
        guard pingsAfterGoAway else { return }
        pingsAfterGoAway = false
        _ = unsafe nghttp2_submit_ping(session, flags, nil)
    }

    /// Queues GOAWAY with the last stream that was seen. The session is finished when the open streams are.
    func submitGoAway(_ code: HTTP2ErrorCode) {
        guard !isClosed else { return }
        let last = unsafe role == .server ? nghttp2_session_get_last_proc_stream_id(session) : 0
        _ = unsafe nghttp2_submit_goaway(session, flags, last, code.rawValue, nil, 0)
    }

    /// Lets go of everything when the channel is gone: each open stream is told `code`, the delegate is released.
    func close(_ code: HTTP2ErrorCode) {
        guard !isClosed else { return }
        isClosed = true
        delegate = nil
        let open = streams
        streams.removeAll()
        for stream in open {
            // nghttp2 lives on until this object dies, and must not find a stream that does not.
            unsafe nghttp2_session_set_stream_user_data(session, stream.id, nil)
            stream.slot = -1
        }
        for stream in open { stream.closed(code) }
    }
}
