// SPDX-License-Identifier: Apache-2.0
// What a session does about each frame: header blocks become streams, bodies go out piece by piece, and what the peer may ask of us
// without doing anything useful is counted.
internal import CNghttp2

extension HTTP2Session {
    func nextData(of stream: HTTP2Stream, limit: Int, flags: UnsafeMutablePointer<UInt32>) -> Int {
        let left = stream.outbound.remainingBytes
        let isEnded = stream.outbound.isEnded
        if left == 0, !isEnded {
            stream.isBodyStalled = true
            return Int(NGHTTP2_ERR_DEFERRED.rawValue)
        }
        let count = min(limit, left)
        unsafe flags.pointee |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
        if count == left, isEnded {
            unsafe flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
            if let trailers = stream.trailers {
                unsafe flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
                guard submitTrailers(trailers, stream) == 0 else { return Int(Self.stop) }
            } else {
                stream.localEnded = true
            }
        }
        return count
    }

    func beginHeaders(_ frame: UnsafePointer<nghttp2_frame>?) -> CInt {
        guard let frame = unsafe frame, unsafe frame.pointee.hd.type == NGHTTP2_HEADERS.rawValue else { return Self.goOn }
        let id = unsafe frame.pointee.hd.stream_id
        openHeaderBlock = id
        headerBlockSize = 0
        if unsafe frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST {
            guard !refusesStreams else {
                headerStream = nil
                _ = unsafe nghttp2_submit_rst_stream(session, Self.flags, id, HTTP2ErrorCode.refusedStream.rawValue)
                return Self.goOn
            }
            guard let stream = unsafe takeSpare() ?? delegate?.makeStream().map(Unmanaged.passRetained) else {
                return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
            }
            unsafe nghttp2_session_set_stream_user_data(session, id, stream.toOpaque())
            unsafe open(stream, id: id)
            unsafe headerStream = stream
        } else {
            unsafe headerStream = Self.stream(session, id)
        }
        return Self.goOn
    }

    /// One field of the open header block. A block far above the announced limit costs the decoder more than its sender, so it ends
    /// the connection.
    func header(name: Span<UInt8>, value: Span<UInt8>) -> CInt {
        headerBlockSize += name.count + value.count + HTTP2Settings.fieldOverhead
        guard headerBlockSize <= headerBlockLimit else {
            terminate(.enhanceYourCalm, "header_list_too_large")
            return Self.stop
        }
        unsafe headerStream?._withUnsafeGuaranteedRef { $0.received(name: name, value: value) }
        return Self.goOn
    }

    func endHeaderBlock() {
        openHeaderBlock = 0
        headerStream = nil
    }

    func frameReceived(_ frame: UnsafePointer<nghttp2_frame>?) -> CInt {
        guard let frame = unsafe frame else { return Self.goOn }
        let header = unsafe frame.pointee.hd
        let isAck = header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
        switch nghttp2_frame_type(rawValue: UInt32(header.type)) {
        case NGHTTP2_HEADERS, NGHTTP2_DATA:
            let ends = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
            let isHeaders = header.type == NGHTTP2_HEADERS.rawValue
            if isHeaders {
                endHeaderBlock()
                // Trailers of a request have no meaning in gRPC.
                if unsafe frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST { usefulBytes += header.length + Self.frameHeaderSize }
            } else if header.length == 0, !ends { spend(.control) }
            unsafe Self.stream(session, header.stream_id)?._withUnsafeGuaranteedRef { stream in
                stream.remoteEnded = ends
                if isHeaders { stream.receivedHeaders() }
                if ends { stream.receivedEnd() }
            }
        case NGHTTP2_SETTINGS where !isAck:
            hasPeerSettings = true
            spend(.settings)
            delegate?.peerSettingsChanged()
        case NGHTTP2_PING:
            if !isAck { spend(.control) } else if let purpose = unsafe PingPurpose(rawValue: frame.pointee.ping.opaque_data.0) {
                delegate?.pingAcknowledged(purpose)
            }
        case NGHTTP2_PRIORITY: spend(.control)
        case NGHTTP2_GOAWAY:
            let goAway = unsafe frame.pointee.goaway
            let debugData = unsafe UnsafeBufferPointer(start: goAway.opaque_data, count: goAway.opaque_data_len)
            unsafe delegate?.goAwayReceived(
                lastStreamID: goAway.last_stream_id, code: HTTP2ErrorCode(rawValue: goAway.error_code),
                debugData: String(decoding: debugData, as: UTF8.self))
        default: break
        }
        return goesOn
    }

    /// Whether reading and writing go on after a callback that may have run code of others.
    var goesOn: CInt { isClosed || isTerminated && isReceiving ? Self.stop : Self.goOn }

    /// Takes a frame or a lost stream off the peer's allowance.
    func spend(_ kind: FrameBudget.Kind) {
        guard !budget.spend(kind) else { return }
        terminate(.enhanceYourCalm, kind == .reset ? "too_many_resets" : "too_many_control_frames")
    }

    /// A GOAWAY of nghttp2's own, about an error of the peer, can name a later stream than one that we have sent, if streams came in
    /// between and were refused.
    func maySend(last: Int32, code: UInt32) -> CInt {
        guard role == .server, last > lastSent else { return Self.goOn }
        terminate(HTTP2ErrorCode(rawValue: code), "")
        return NGHTTP2_ERR_CANCEL.rawValue
    }

    func frameSent(_ frame: UnsafePointer<nghttp2_frame>?) -> CInt {
        guard let frame = unsafe frame else { return Self.goOn }
        let header = unsafe frame.pointee.hd
        if header.type == NGHTTP2_GOAWAY.rawValue { unsafe goAwaySent(last: frame.pointee.goaway.last_stream_id) }
        guard header.type == NGHTTP2_HEADERS.rawValue else { return Self.goOn }
        unsafe Self.stream(session, header.stream_id)?._withUnsafeGuaranteedRef { stream in
            stream.headersSent = true
            guard header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 else { return }
            stream.localEnded = true
            // The answer is complete before the request: the rest of the request is not wanted (RFC 9113 section 8.1).
            if role == .server, !stream.remoteEnded { reset(stream, .noError) }
        }
        return Self.goOn
    }
}
