// SPDX-License-Identifier: Apache-2.0
// A failure of nghttp2 itself, after which its session can no longer be used. Errors of a peer that HTTP/2 knows how to answer
// (a broken frame, a window overrun) are not thrown: nghttp2 answers them with RST_STREAM or GOAWAY.
internal import CNghttp2

/// A call into nghttp2 that failed; `code` is one of `nghttp2_error`.
struct HTTP2SessionError: Error, CustomStringConvertible {
    let code: CInt

    init(code: CInt) { self.code = code }

    /// What the peer is told when the failure is its doing.
    var peerCode: HTTP2ErrorCode {
        switch nghttp2_error(rawValue: code) {
        case NGHTTP2_ERR_FLOODED, NGHTTP2_ERR_TOO_MANY_CONTINUATIONS: .enhanceYourCalm
        case NGHTTP2_ERR_NOMEM: .internalError
        default: .protocolError
        }
    }

    /// nghttp2's own sentence for the code.
    var description: String {
        unsafe String(cString: nghttp2_strerror(code))
    }
}
