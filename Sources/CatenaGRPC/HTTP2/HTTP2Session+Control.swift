// SPDX-License-Identifier: Apache-2.0
// What concerns a connection as a whole: its limits, its PINGs, and the three ways to say goodbye.
internal import CNghttp2

/// Why a PING of ours was sent. It travels in the PING's eight bytes, so the answer says which one it answers.
enum PingPurpose: UInt8 {
    /// Follows the first GOAWAY: its answer proves that the peer has read it.
    case drain = 1
    /// Asks whether the peer is alive.
    case keepalive = 2

    /// The eight bytes, as the purpose is found in the first.
    var payload: [UInt8] { [rawValue, 0, 0, 0, 0, 0, 0, 0] }
}

extension HTTP2Session {
    /// Streams of ours that the peer allows at once: its MAX_CONCURRENT_STREAMS, unlimited when it named none.
    var peerMaxConcurrentStreams: Int {
        Int(unsafe nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS))
    }

    /// Whether ``submitRequest(_:_:)`` can still bring a stream to the peer: no GOAWAY yet, and stream ids left.
    var allowsRequests: Bool {
        unsafe !isClosed && nghttp2_session_check_request_allowed(session) != 0
    }

    func submitPing(_ purpose: PingPurpose) {
        guard !isClosed else { return }
        _ = unsafe nghttp2_submit_ping(session, Self.flags, purpose.payload)
    }

    /// Queues GOAWAY with last stream 2^31-1, which only announces the end, and a PING whose answer proves that it was read.
    func submitShutdownNotice() {
        guard !isClosed else { return }
        pingAfterGoAway = .drain
        _ = unsafe nghttp2_submit_shutdown_notice(session)
    }

    /// GOAWAY has been serialized. Only now may its PING be queued: nghttp2 sends PINGs ahead of all else.
    func goAwaySent(last: Int32) {
        lastSent = min(lastSent, last)
        if isTerminated { isFarewellSent = true }
        guard let purpose = pingAfterGoAway else { return }
        pingAfterGoAway = nil
        submitPing(purpose)
    }

    /// Queues GOAWAY with the last stream that was begun; later ones are refused. The session is finished when the open streams are.
    func submitGoAway(_ code: HTTP2ErrorCode, debugData: StaticString = "") {
        guard !isClosed else { return }
        if role == .server {
            lastAnnounced = unsafe min(lastAnnounced, nghttp2_session_get_last_proc_stream_id(session))
            refusesStreams = true
        }
        let last = role == .server ? lastAnnounced : 0
        _ = unsafe nghttp2_submit_goaway(session, Self.flags, last, code.rawValue, debugData.utf8Start, debugData.utf8CodeUnitCount)
    }
}
