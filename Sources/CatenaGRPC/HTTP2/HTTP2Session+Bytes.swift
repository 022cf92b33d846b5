// SPDX-License-Identifier: Apache-2.0
// The two directions of a session: bytes from the socket go in, and serialized frames come out, straight into the buffer that goes to
// the socket.
internal import CNghttp2
internal import NIOCore

extension HTTP2Session {
    /// An idle connection keeps at most this much memory for its output.
    private static let keptOutputCapacity = 8 << 10
    /// Room for what nghttp2 gives at once: a frame of the size we allow it, or a long header block in pieces of it.
    private static let frameRoom = frameHeaderSize + 16 << 10
    static let frameHeaderSize = 9
    private static let leastRoom = 512

    /// Feeds bytes from the socket; runs the methods of streams and of the delegate.
    ///
    /// - Throws: ``HTTP2SessionError`` when the connection cannot go on; close it.
    func receive(_ bytes: ByteBuffer) throws(HTTP2SessionError) {
        guard !isClosed, !isTerminated else { return }
        isReceiving = true
        defer {
            isReceiving = false
            if !released.isEmpty { released.removeAll() }
        }
        let result = unsafe bytes.withUnsafeReadableBytes { bytes in
            unsafe input = bytes
            let result = unsafe nghttp2_session_mem_recv(session, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
            endBorrowing()
            unsafe input = UnsafeRawBufferPointer(start: nil, count: 0)
            return result
        }
        if role == .server, !budget.spend(bytes: bytes.readableBytes, useful: usefulBytes) { terminate(.enhanceYourCalm, "too_many_control_frames") }
        usefulBytes = 0
        // Ended from inside: nghttp2 reports the callbacks' refusal to go on, which is no news.
        guard result >= 0 || isClosed || isTerminated else { throw HTTP2SessionError(code: CInt(result)) }
    }

    /// Serializes what waits into ``output``, replacing what was there, up to about `limit` bytes; one DATA frame may go beyond it.
    ///
    /// - Returns: true when more may wait because the limit was reached.
    /// - Throws: ``HTTP2SessionError`` when the connection cannot go on; close it.
    func collect(upTo limit: Int) throws(HTTP2SessionError) -> Bool {
        if output.capacity > Self.keptOutputCapacity { output = ByteBuffer() } else { output.clear() }
        isCollecting = true
        defer {
            isCollecting = false
            if !released.isEmpty { released.removeAll() }
        }
        var wanted = Self.leastRoom
        while !isClosed {
            guard output.readableBytes < limit else { return true }
            var result = Fill.done
            unsafe output.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { room in
                result = unsafe fill(room)
                return used
            }
            switch result {
            case .done: return false
            case .full: wanted = max(Self.frameRoom, leftOver.count, output.readableBytes)
            case .failed(let error): throw error
            }
        }
        return false
    }

    private enum Fill {
        /// nghttp2 has nothing more to send now.
        case done
        case full
        case failed(HTTP2SessionError)
    }

    /// Takes frames from nghttp2 as long as there is room for them.
    private func fill(_ room: UnsafeMutableRawBufferPointer) -> Fill {
        unsafe self.room = room
        used = 0
        isRoomShort = false
        if unsafe !leftOver.isEmpty {
            let bytes = leftOver
            unsafe leftOver = UnsafeRawBufferPointer(start: nil, count: 0)
            unsafe put(bytes)
        }
        while !isClosed {
            var bytes: UnsafePointer<UInt8>?
            let count = unsafe nghttp2_session_mem_send(session, &bytes)
            guard count >= 0 else { return .failed(HTTP2SessionError(code: CInt(count))) }
            if count == 0 { return isRoomShort ? .full : .done }
            let frame = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
            guard count <= room.count - used else {
                // nghttp2 keeps it until it is asked for the next one.
                unsafe leftOver = frame
                return .full
            }
            unsafe put(frame)
        }
        return .done
    }

    private func put(_ bytes: UnsafeRawBufferPointer) {
        unsafe UnsafeMutableRawBufferPointer(rebasing: room[used...]).copyMemory(from: bytes)
        used += bytes.count
    }

    /// Ends a connection whose peer does harm: GOAWAY is the last thing it gets, and nothing of it is read any more.
    func terminate(_ code: HTTP2ErrorCode, _ debugData: StaticString) {
        guard !isClosed, !isTerminated else { return }
        isTerminated = true
        submitGoAway(code, debugData: debugData)
    }

    /// Neither reading nor writing can bring anything more: the connection is to be closed.
    var isFinished: Bool {
        unsafe isClosed || isFarewellSent || (nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0)
    }

    /// nghttp2 is about to send a DATA frame: its nine-byte header and `count` bytes of `stream`'s body go to the output.
    ///
    /// - Returns: false when the output has no room for them; nghttp2 asks again.
    func writeData(header: UnsafePointer<UInt8>, count: Int, of stream: HTTP2Stream) -> Bool {
        let size = Self.frameHeaderSize + count
        guard size <= room.count - used else {
            isRoomShort = true
            return false
        }
        unsafe put(UnsafeRawBufferPointer(start: header, count: Self.frameHeaderSize))
        let body = unsafe UnsafeMutableRawBufferPointer(rebasing: room[used..<used + count])
        if unsafe stream.outbound.write(into: body) { drained.append(stream) }
        used += count
        return true
    }

    /// Tells the streams of which little is left to send; what they add then waits for the next ``collect(upTo:)``.
    ///
    /// - Returns: true when there was such a stream.
    func tellDrained() -> Bool {
        guard !drained.isEmpty else { return false }
        let streams = drained
        drained.removeAll(keepingCapacity: true)
        for stream in streams where stream.isOpen { stream.bodyDrained() }
        return true
    }

    /// A part of a body has come.
    func received(_ data: UnsafeBufferPointer<UInt8>, _ stream: HTTP2Stream) {
        if unsafe borrower != nil { endBorrowing() }
        unsafe stream.received(data: Span(_unsafeElements: data))
        if stream.isBorrowing {
            unsafe borrower = Unmanaged.passUnretained(stream)
            // nghttp2 hands out what it was given as it lies, which it does not promise.
            if unsafe !isInput(data) { endBorrowing() }
        }
        credit(data.count, to: stream)
    }

    private func isInput(_ data: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let start = unsafe UnsafeRawPointer(data.baseAddress), let first = input.baseAddress else { return false }
        return unsafe start >= first && start + data.count <= first + input.count
    }

    /// Has the stream that looks at the input, if there is one, take a copy: the input is about to go, or another stream to look at it.
    func endBorrowing() {
        guard let stream = borrower else { return }
        borrower = nil
        unsafe stream._withUnsafeGuaranteedRef { stream in
            guard stream.isBorrowing else { return }
            stream.isBorrowing = false
            stream.keepBorrowed()
        }
    }

    /// Counts received bytes of a body: the connection's window is refilled in any case, so that one slow reader does not stop
    /// other streams, and the stream's own when its reader reads.
    func credit(_ count: Int, to stream: HTTP2Stream?) {
        // Fails only without memory; the connection then fails at its next read or write.
        _ = unsafe nghttp2_session_consume_connection(session, count)
        usefulBytes += count + Self.frameHeaderSize
        guard let stream else { return }
        stream.uncredited += count
        if !stream.isReadingPaused { refillWindow(of: stream) }
    }

    /// Gives the peer back the window for what has been read of a stream, when it is enough to be worth a frame.
    func refillWindow(of stream: HTTP2Stream) {
        guard stream.uncredited >= creditStep, !isClosed, stream.isOpen else { return }
        _ = unsafe nghttp2_session_consume_stream(session, stream.id, stream.uncredited)
        stream.uncredited = 0
    }
}
