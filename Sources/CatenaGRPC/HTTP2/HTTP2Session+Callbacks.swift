// SPDX-License-Identifier: Apache-2.0
// The C functions that nghttp2 calls, each of which finds its Swift object and calls one method on it. A callback from which code of
// others may run holds a reference to its stream, since that code may close the connection; the others do without the two atomics.
internal import CNghttp2
internal import NIOCore

extension HTTP2Session {
    private static let goOn: CInt = 0
    /// Ends `mem_recv` or `mem_send` of a session that was closed from inside it.
    private static let stop = NGHTTP2_ERR_CALLBACK_FAILURE.rawValue

    static func installCallbacks(_ callbacks: OpaquePointer?) {
        unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, user in
            unsafe HTTP2Session.from(user).beginHeaders(frame)
        }
        unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) { session, frame, name, nameCount, value, valueCount, _, _ in
            guard let frame = unsafe frame, let stream = unsafe HTTP2Session.streamPointer(session, frame.pointee.hd.stream_id) else {
                return HTTP2Session.goOn
            }
            unsafe stream._withUnsafeGuaranteedRef {
                unsafe $0.received(
                    name: Span(_unsafeElements: UnsafeBufferPointer(start: name, count: nameCount)),
                    value: Span(_unsafeElements: UnsafeBufferPointer(start: value, count: valueCount)))
            }
            return HTTP2Session.goOn
        }
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { session, _, id, bytes, count, user in
            let me = unsafe HTTP2Session.from(user)
            unsafe HTTP2Session.stream(session, id)?.received(data: Span(_unsafeElements: UnsafeBufferPointer(start: bytes, count: count)))
            return me.delegate == nil ? HTTP2Session.stop : HTTP2Session.goOn
        }
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
            unsafe HTTP2Session.from(user).frameReceived(frame)
        }
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { session, id, code, user in
            let me = unsafe HTTP2Session.from(user)
            if let stream = unsafe HTTP2Session.stream(session, id) { me.remove(stream, HTTP2ErrorCode(rawValue: code)) }
            return me.delegate == nil ? HTTP2Session.stop : HTTP2Session.goOn
        }
        unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, user in
            unsafe HTTP2Session.from(user).frameSent(frame)
        }
        unsafe nghttp2_session_callbacks_set_send_data_callback(callbacks) { _, _, header, count, source, user in
            guard let pointer = unsafe source?.pointee.ptr else { return HTTP2Session.stop }
            let stream = unsafe Unmanaged<HTTP2Stream>.fromOpaque(pointer)
            let goesOn = unsafe HTTP2Session.from(user).writeData(
                header: UnsafeRawBufferPointer(start: header, count: 9), count: count, of: stream.takeUnretainedValue())
            return goesOn ? HTTP2Session.goOn : NGHTTP2_ERR_PAUSE.rawValue
        }
    }

    /// Says how much of a body the next DATA frame takes; the bytes themselves are written by `send_data`, once.
    static func bodyProvider(_ stream: UnsafeMutableRawPointer) -> nghttp2_data_provider {
        unsafe nghttp2_data_provider(source: nghttp2_data_source(ptr: stream)) { _, _, _, limit, flags, source, user in
            guard let pointer = unsafe source?.pointee.ptr, let flags = unsafe flags else { return Int(HTTP2Session.stop) }
            let stream = unsafe Unmanaged<HTTP2Stream>.fromOpaque(pointer).takeUnretainedValue()
            let count = min(limit, stream.outbound.remainingBytes)
            unsafe flags.pointee |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
            if count == stream.outbound.remainingBytes {
                unsafe flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
                if let trailers = stream.trailers {
                    unsafe flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
                    guard unsafe HTTP2Session.from(user).submitTrailers(trailers, stream) == 0 else { return Int(HTTP2Session.stop) }
                } else {
                    stream.localEnded = true
                }
            }
            return count
        }
    }

    /// The session behind nghttp2's user data, which is set once and lives as long as the callbacks do.
    private static func from(_ user: UnsafeMutableRawPointer?) -> HTTP2Session {
        guard let user = unsafe user else { preconditionFailure("nghttp2 called back without the session it was given") }
        return unsafe Unmanaged<HTTP2Session>.fromOpaque(user).takeUnretainedValue()
    }

    private static func streamPointer(_ session: OpaquePointer?, _ id: Int32) -> Unmanaged<HTTP2Stream>? {
        guard let pointer = unsafe nghttp2_session_get_stream_user_data(session, id) else { return nil }
        return unsafe Unmanaged.fromOpaque(pointer)
    }

    private static func stream(_ session: OpaquePointer?, _ id: Int32) -> HTTP2Stream? {
        unsafe streamPointer(session, id)?.takeUnretainedValue()
    }

    private func beginHeaders(_ frame: UnsafePointer<nghttp2_frame>?) -> CInt {
        guard let frame = unsafe frame, unsafe frame.pointee.hd.type == NGHTTP2_HEADERS.rawValue,
            unsafe frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST
        else { return Self.goOn }
        let id = unsafe frame.pointee.hd.stream_id
        guard let delegate else { return Self.stop }
        guard let stream = delegate.newStream(id: id) else { return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue }
        accept(stream, id: id)
        return Self.goOn
    }

    private func frameReceived(_ frame: UnsafePointer<nghttp2_frame>?) -> CInt {
        guard let frame = unsafe frame else { return Self.goOn }
        let header = unsafe frame.pointee.hd
        switch nghttp2_frame_type(rawValue: UInt32(header.type)) {
        case NGHTTP2_HEADERS, NGHTTP2_DATA:
            guard let stream = unsafe Self.stream(session, header.stream_id) else { break }
            stream.remoteEnded = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
            if header.type == NGHTTP2_HEADERS.rawValue { stream.receivedHeaders() }
            if stream.remoteEnded { stream.receivedEnd() }
        case NGHTTP2_SETTINGS where header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0:
            delegate?.peerSettingsChanged()
        case NGHTTP2_PING where header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0:
            delegate?.pingAcknowledged()
        case NGHTTP2_GOAWAY:
            let goAway = unsafe frame.pointee.goaway
            let debugData = unsafe UnsafeBufferPointer(start: goAway.opaque_data, count: goAway.opaque_data_len)
            unsafe delegate?.goAwayReceived(
                lastStreamID: goAway.last_stream_id, code: HTTP2ErrorCode(rawValue: goAway.error_code),
                debugData: String(decoding: debugData, as: UTF8.self))
        default: break
        }
        return delegate == nil ? Self.stop : Self.goOn
    }

    private func frameSent(_ frame: UnsafePointer<nghttp2_frame>?) -> CInt {
        guard let frame = unsafe frame else { return Self.goOn }
        if unsafe frame.pointee.hd.type == NGHTTP2_GOAWAY.rawValue { goAwaySent() }
        guard unsafe frame.pointee.hd.type == NGHTTP2_HEADERS.rawValue,
            let stream = unsafe Self.stream(session, frame.pointee.hd.stream_id)
        else { return Self.goOn }
        stream.headersSent = true
        if unsafe frame.pointee.hd.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 {
            stream.localEnded = true
            // The answer is complete before the request: the rest of the request is not wanted (RFC 9113 section 8.1).
            if role == .server, !stream.remoteEnded { reset(stream, .noError) }
        }
        return Self.goOn
    }
}
