// SPDX-License-Identifier: Apache-2.0
// The life of streams in a session: begun by either side, answered, reset, and taken off the list when nghttp2 has closed them.
internal import CNghttp2

extension HTTP2Session {
    /// Streams that are kept for the next calls; as many as a busy connection has open.
    private static let keptStreams = 128

    /// Opens a stream with `headers` and the stream's body. It leaves when the peer's limits allow.
    ///
    /// - Parameter stream: held once, which is the session's from here on.
    /// - Throws: ``HTTP2SessionError`` when the session takes no more requests, for example because the stream ids are used up.
    func submitRequest(_ headers: HeaderBlock.Fields, _ stream: Unmanaged<HTTP2Stream>) throws(HTTP2SessionError) {
        let pointer = unsafe stream.toOpaque()
        var body = unsafe Self.bodyProvider(pointer)
        let id = unsafe nghttp2_submit_request(session, nil, headers.start, headers.count, &body, pointer)
        guard id >= 0 else {
            unsafe stream.release()
            throw HTTP2SessionError(code: id)
        }
        unsafe open(stream, id: id)
    }

    /// Answers with `headers`, the stream's body and its trailers.
    ///
    /// - Throws: ``HTTP2SessionError`` when the session is out of memory.
    func submitResponse(_ headers: HeaderBlock.Fields, _ stream: HTTP2Stream) throws(HTTP2SessionError) {
        guard !isClosed, stream.isOpen else { return }
        var body = unsafe Self.bodyProvider(Unmanaged.passUnretained(stream).toOpaque())
        try unsafe Self.check(nghttp2_submit_response(session, stream.id, headers.start, headers.count, &body))
    }

    /// Answers with `headers` and nothing after them.
    ///
    /// - Throws: ``HTTP2SessionError`` when the session is out of memory.
    func submitHeadersOnly(_ headers: HeaderBlock, _ stream: HTTP2Stream) throws(HTTP2SessionError) {
        guard !isClosed, stream.isOpen else { return }
        try unsafe Self.check(nghttp2_submit_response(session, stream.id, headers.all.start, headers.count, nil))
    }

    /// Says that the stream's body, submitted before, has more to send or has been ended.
    func bodyChanged(_ stream: HTTP2Stream) {
        guard stream.isBodyStalled, !isClosed, stream.isOpen else { return }
        stream.isBodyStalled = false
        // Fails only for a stream without a stalled body, or without memory; the connection then fails at its next write.
        _ = unsafe nghttp2_session_resume_data(session, stream.id)
    }

    /// Queues the stream's trailers, from inside the body's end.
    func submitTrailers(_ trailers: HeaderBlock, _ stream: HTTP2Stream) -> CInt {
        unsafe nghttp2_submit_trailer(session, stream.id, trailers.all.start, trailers.count)
    }

    /// Ends a stream at once. What it still had to send is dropped. Does nothing when it is not open.
    func reset(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
        guard !isClosed, stream.isOpen else { return }
        // Fails only without memory; the connection then fails at its next read or write.
        _ = unsafe nghttp2_submit_rst_stream(session, Self.flags, stream.id, code.rawValue)
    }

    /// Puts a stream, held once, on the list.
    func open(_ stream: Unmanaged<HTTP2Stream>, id: Int32) {
        let slot = unsafe slots.count
        unsafe stream._withUnsafeGuaranteedRef { stream in
            stream.id = id
            stream.slot = slot
        }
        unsafe slots.append(stream)
    }

    /// A closed stream, as good as new, held once; nil when there is none.
    func takeSpare() -> Unmanaged<HTTP2Stream>? { unsafe spares.popLast() }

    var streamCount: Int { unsafe slots.count }

    /// All open streams.
    var streams: [HTTP2Stream] { unsafe slots.map { unsafe $0.takeUnretainedValue() } }

    /// Takes the stream that nghttp2 has closed off the list, tells it, and keeps it for another use.
    func remove(_ closed: Unmanaged<HTTP2Stream>, _ code: HTTP2ErrorCode) {
        let slot = unsafe closed._withUnsafeGuaranteedRef { $0.slot }
        guard unsafe slots.indices.contains(slot) else { return }
        let last = unsafe slots.removeLast()
        if unsafe slot < slots.count {
            unsafe slots[slot] = last
            unsafe last._withUnsafeGuaranteedRef { $0.slot = slot }
        }
        // What the list held is ours now.
        unsafe closed._withUnsafeGuaranteedRef { stream in
            stream.slot = -1
            if code == .noError { budget.earn() } else if role == .server, !stream.localEnded { spend(.reset) }
            stream.closed(code)
            stream.isBorrowing = false
        }
        if let stream = borrower, unsafe stream.toOpaque() == closed.toOpaque() { borrower = nil }
        // A handler that still holds the call may yet ask it something.
        if unsafe !isClosed && spares.count < Self.keptStreams && closed.isHeldOnce {
            unsafe closed._withUnsafeGuaranteedRef { $0.prepareForReuse() }
            unsafe spares.append(closed)
        } else {
            unsafe closed.release()
        }
    }

    /// Lets go of everything when the channel is gone: each open stream is told `code`, the delegate is released.
    func close(_ code: HTTP2ErrorCode) {
        guard !isClosed else { return }
        isClosed = true
        delegate = nil
        let open = unsafe slots.map { unsafe $0.takeRetainedValue() }
        unsafe slots.removeAll()
        if isReceiving || isCollecting { released.append(contentsOf: open) }
        for unsafe stream in unsafe spares { unsafe stream.release() }
        unsafe spares.removeAll()
        for stream in open {
            // nghttp2 lives on until this object dies, and must not find a stream that does not.
            unsafe nghttp2_session_set_stream_user_data(session, stream.id, nil)
            stream.slot = -1
        }
        for stream in open { stream.closed(code) }
    }
}

extension Unmanaged<HTTP2Stream> {
    /// Nobody holds the stream beside who asks.
    fileprivate var isHeldOnce: Bool {
        var stream = unsafe takeRetainedValue()
        let result = isKnownUniquelyReferenced(&stream)
        _ = unsafe Unmanaged.passRetained(stream)
        return result
    }
}
