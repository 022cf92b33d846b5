// SPDX-License-Identifier: Apache-2.0
// The C functions that nghttp2 calls, each of which finds its Swift object and calls one method on it. None of them counts a
// reference: whoever called nghttp2 holds the session, and the session lets go of no stream before nghttp2 has returned.
internal import CNghttp2
internal import NIOCore

extension HTTP2Session {
    static let goOn: CInt = 0
    /// Ends `mem_recv` or `mem_send` of a session that was closed from inside it.
    static let stop = NGHTTP2_ERR_CALLBACK_FAILURE.rawValue

    static func installCallbacks(_ callbacks: OpaquePointer?) {
        unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, user in
            unsafe HTTP2Session.with(user) { unsafe $0.beginHeaders(frame) }
        }
        unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) { _, _, name, nameCount, value, valueCount, _, user in
            unsafe HTTP2Session.with(user) {
                unsafe $0.header(
                    name: Span(_unsafeElements: UnsafeBufferPointer(start: name, count: nameCount)),
                    value: Span(_unsafeElements: UnsafeBufferPointer(start: value, count: valueCount)))
            }
        }
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { session, _, id, bytes, count, user in
            unsafe HTTP2Session.with(user) { me in
                guard let stream = unsafe HTTP2Session.stream(session, id) else {
                    me.credit(count, to: nil)
                    return me.goesOn
                }
                unsafe stream._withUnsafeGuaranteedRef { unsafe me.received(UnsafeBufferPointer(start: bytes, count: count), $0) }
                return me.goesOn
            }
        }
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
            unsafe HTTP2Session.with(user) { unsafe $0.frameReceived(frame) }
        }
        unsafe nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks) { _, _, _, user in
            unsafe HTTP2Session.with(user) { me in
                // Each costs a frame of ours, which waits in memory if the peer does not read.
                me.spend(.reset)
                return me.goesOn
            }
        }
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { session, id, code, user in
            unsafe HTTP2Session.with(user) { me in
                if me.openHeaderBlock == id { me.endHeaderBlock() }
                if let stream = unsafe HTTP2Session.stream(session, id) { unsafe me.remove(stream, HTTP2ErrorCode(rawValue: code)) }
                return me.goesOn
            }
        }
        unsafe nghttp2_session_callbacks_set_before_frame_send_callback(callbacks) { _, frame, user in
            guard let frame = unsafe frame, unsafe frame.pointee.hd.type == NGHTTP2_GOAWAY.rawValue else { return HTTP2Session.goOn }
            return unsafe HTTP2Session.with(user) { unsafe $0.maySend(last: frame.pointee.goaway.last_stream_id, code: frame.pointee.goaway.error_code) }
        }
        unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, user in
            unsafe HTTP2Session.with(user) { unsafe $0.frameSent(frame) }
        }
        unsafe nghttp2_session_callbacks_set_send_data_callback(callbacks) { _, _, header, count, source, user in
            guard let pointer = unsafe source?.pointee.ptr, let header = unsafe header else { return HTTP2Session.stop }
            return unsafe HTTP2Session.with(user) { me in
                unsafe Unmanaged<HTTP2Stream>.fromOpaque(pointer)._withUnsafeGuaranteedRef { stream in
                    unsafe me.writeData(header: header, count: count, of: stream) ? HTTP2Session.goOn : NGHTTP2_ERR_WOULDBLOCK.rawValue
                }
            }
        }
    }

    /// Says how much of a body the next DATA frame takes; the bytes themselves are written by `send_data`, once.
    static func bodyProvider(_ stream: UnsafeMutableRawPointer) -> nghttp2_data_provider {
        unsafe nghttp2_data_provider(source: nghttp2_data_source(ptr: stream)) { _, _, _, limit, flags, source, user in
            guard let pointer = unsafe source?.pointee.ptr, let flags = unsafe flags else { return Int(HTTP2Session.stop) }
            return unsafe Unmanaged<HTTP2Stream>.fromOpaque(pointer)._withUnsafeGuaranteedRef { stream in
                unsafe HTTP2Session.with(user) { unsafe $0.nextData(of: stream, limit: limit, flags: flags) }
            }
        }
    }

    /// Lends the session behind nghttp2's user data, which is set once and lives as long as the callbacks do.
    private static func with<Result>(_ user: UnsafeMutableRawPointer?, _ body: (HTTP2Session) -> Result) -> Result {
        guard let user = unsafe user else { preconditionFailure("nghttp2 called back without the session it was given") }
        return unsafe Unmanaged<HTTP2Session>.fromOpaque(user)._withUnsafeGuaranteedRef(body)
    }

    static func stream(_ session: OpaquePointer?, _ id: Int32) -> Unmanaged<HTTP2Stream>? {
        guard let pointer = unsafe nghttp2_session_get_stream_user_data(session, id) else { return nil }
        return unsafe Unmanaged.fromOpaque(pointer)
    }
}
