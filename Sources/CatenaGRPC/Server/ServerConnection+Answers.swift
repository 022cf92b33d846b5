// SPDX-License-Identifier: Apache-2.0
// The answers of a connection's calls on their way to the session: heads that were made beforehand, and the odd ones.
internal import NIOCore

extension ServerConnection {
    /// Sends the response head, and then the stream's body as there is one.
    func beginResponse(_ stream: ServerStream) {
        let head = stream.head
        submit(stream, head.encoding.isGzip ? packedResponseHead : head.asksForEncodings ? fullResponseHead : responseHead)
    }

    /// Sends a response head with metadata.
    func beginResponse(_ stream: ServerStream, with metadata: GRPCMetadata) {
        scratch.removeAll()
        Self.beginResponse(scratch, namesEncodings: true, isCompressed: stream.head.encoding.isGzip)
        scratch.append(metadata)
        submit(stream, scratch)
    }

    /// The body of a stream whose response has begun has grown, or ended.
    func bodyChanged(_ stream: ServerStream) {
        http2?.session.bodyChanged(stream)
        http2?.setNeedsFlush()
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
        submit(stream, scratch, isWhole: true)
    }

    func answerNotGRPC(_ stream: ServerStream, httpStatus: StaticString) {
        scratch.removeAll()
        scratch.append(":status", httpStatus)
        submit(stream, scratch, isWhole: true)
    }

    /// - Parameter isWhole: nothing follows the head.
    private func submit(_ stream: ServerStream, _ head: HeaderBlock, isWhole: Bool = false) {
        guard let http2 else { return }
        do throws(HTTP2SessionError) {
            if isWhole { try http2.session.submitHeadersOnly(head, stream) } else { try http2.session.submitResponse(head, stream) }
            http2.setNeedsFlush()
        } catch {
            http2.close(reason: "HTTP/2 session failed: \(error)")
        }
    }
}
