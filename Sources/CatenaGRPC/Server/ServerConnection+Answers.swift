// SPDX-License-Identifier: Apache-2.0
// The answers of a connection's calls on their way to the session: heads that were made beforehand, and the odd ones.
internal import NIOCore

extension ServerConnection {
    /// Sends the response head, and then the stream's body as there is one.
    func beginResponse(_ stream: ServerStream) {
        let head = stream.head
        if head.encoding.isGzip { unsafe submit(stream, packedResponseHead.all) } else {
            unsafe submit(stream, head.asksForEncodings ? fullResponseHead.all : responseHead.all)
        }
    }

    /// Sends a response head with metadata.
    func beginResponse(_ stream: ServerStream, with metadata: GRPCMetadata) {
        scratch.removeAll()
        Self.beginResponse(scratch, namesEncodings: true, isCompressed: stream.head.encoding.isGzip)
        scratch.append(metadata)
        unsafe submit(stream, scratch.all)
    }

    /// The body of a stream whose response has begun has grown, or ended.
    func bodyChanged(_ stream: ServerStream) {
        unsafe lent?._withUnsafeGuaranteedRef { $0.bodyChanged(stream) }
    }

    /// The block that ends a call.
    func trailers(_ status: GRPCStatus, _ metadata: GRPCMetadata) -> HeaderBlock {
        if status.code == .ok, metadata.isEmpty { return okTrailers }
        let block = HeaderBlock()
        block.append(status)
        block.append(metadata)
        return block
    }

    func reset(_ stream: ServerStream, _ code: HTTP2ErrorCode) {
        http2?.session.reset(stream, code)
        http2?.setNeedsFlush()
    }

    func refillWindow(of stream: ServerStream) {
        http2?.session.refillWindow(of: stream)
        http2?.setNeedsFlush()
    }

    func answerTrailersOnly(_ stream: ServerStream, _ status: GRPCStatus, _ metadata: GRPCMetadata) {
        scratch.removeAll()
        // Tells a client whose encoding we refused what it may use instead (gRPC compression, "Specifying Compression").
        Self.beginResponse(scratch, namesEncodings: status.code == .unimplemented && stream.head.encoding != .identity)
        scratch.append(status)
        scratch.append(metadata)
        submitScratch(stream)
    }

    func answerNotGRPC(_ stream: ServerStream, httpStatus: StaticString) {
        scratch.removeAll()
        scratch.append(":status", httpStatus)
        submitScratch(stream)
    }

    /// Sends a head with its body to come.
    private func submit(_ stream: ServerStream, _ head: HeaderBlock.Fields) {
        unsafe lent?._withUnsafeGuaranteedRef { http2 in
            submit(http2) { () throws(HTTP2SessionError) in unsafe try http2.session.submitResponse(head, stream) }
        }
    }

    /// Sends `scratch` as the whole answer.
    private func submitScratch(_ stream: ServerStream) {
        unsafe lent?._withUnsafeGuaranteedRef { http2 in
            submit(http2) { () throws(HTTP2SessionError) in try http2.session.submitHeadersOnly(scratch, stream) }
        }
    }

    @inline(__always)
    private func submit(_ http2: HTTP2Connection, _ action: () throws(HTTP2SessionError) -> Void) {
        do {
            try action()
            http2.setNeedsFlush()
        } catch {
            // Ends the connection, so it must be held.
            self.http2?.close(reason: "HTTP/2 session failed: \(error)")
        }
    }
}
