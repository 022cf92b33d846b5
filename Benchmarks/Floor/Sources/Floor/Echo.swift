// SPDX-License-Identifier: Apache-2.0
// A gRPC echo: the least that answers a unary call with the bytes it came with. One session for each connection, one mem_recv for
// each read, one write and one flush for each batch of reads; it checks nothing, knows no limits and decodes no message.

import CNghttp2
import NIOCore

final class Echo: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var session: OpaquePointer?
    private var output = ByteBuffer()

    func channelActive(context: ChannelHandlerContext) {
        var callbacks: OpaquePointer?
        nghttp2_session_callbacks_new(&callbacks)
        defer { nghttp2_session_callbacks_del(callbacks) }
        install(callbacks)
        var option: OpaquePointer?
        nghttp2_option_new(&option)
        defer { nghttp2_option_del(option) }
        // As CatenaGRPC does: streams that have ended are of no use.
        nghttp2_option_set_no_closed_streams(option, 1)
        nghttp2_session_server_new2(&session, callbacks, nil, option)
        var streams = nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue), value: 1000)
        nghttp2_submit_settings(session, 0, &streams, 1)
        flush(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let result = unwrapInboundIn(data).withUnsafeReadableBytes { bytes in
            nghttp2_session_mem_recv(session, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
        }
        if result < 0 { context.close(promise: nil) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flush(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        nghttp2_session_del(session)
        session = nil
    }

    private func flush(_ context: ChannelHandlerContext) {
        output.clear()
        var bytes: UnsafePointer<UInt8>?
        while true {
            let count = nghttp2_session_mem_send(session, &bytes)
            guard count > 0 else { break }
            output.writeBytes(UnsafeRawBufferPointer(start: bytes, count: count))
        }
        if output.readableBytes > 0 { context.writeAndFlush(wrapOutboundOut(output), promise: nil) }
    }

    private func install(_ callbacks: OpaquePointer?) {
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { session, frame, _ in
            guard let frame else { return 0 }
            return nghttp2_session_set_stream_user_data(session, frame.pointee.hd.stream_id, Unmanaged.passRetained(Call()).toOpaque())
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { session, _, id, bytes, count, _ in
            Call.of(session, id)?.bytes.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { session, frame, _ in
            guard let header = frame?.pointee.hd, header.type == NGHTTP2_HEADERS.rawValue || header.type == NGHTTP2_DATA.rawValue,
                header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
            else { return 0 }
            var body = nghttp2_data_provider(source: nghttp2_data_source(), read_callback: provide)
            body.source.ptr = nghttp2_session_get_stream_user_data(session, header.stream_id)
            return nghttp2_submit_response(session, header.stream_id, Fields.head.start, Fields.head.count, &body)
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { session, id, _, _ in
            guard let call = nghttp2_session_get_stream_user_data(session, id) else { return 0 }
            Unmanaged<Call>.fromOpaque(call).release()
            return 0
        }
    }
}

/// The body of an answer, and its trailers behind it.
private func provide(
    session: OpaquePointer?, id: Int32, into: UnsafeMutablePointer<UInt8>?, limit: Int, flags: UnsafeMutablePointer<UInt32>?,
    source: UnsafeMutablePointer<nghttp2_data_source>?, user: UnsafeMutableRawPointer?
) -> Int {
    guard let pointer = source?.pointee.ptr, let flags else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
    let call = Unmanaged<Call>.fromOpaque(pointer).takeUnretainedValue()
    let count = min(limit, call.bytes.count - call.sent)
    call.bytes[call.sent..<call.sent + count].withUnsafeBytes {
        UnsafeMutableRawBufferPointer(start: into, count: limit).copyMemory(from: $0)
    }
    call.sent += count
    if call.sent == call.bytes.count {
        flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue | NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
        nghttp2_submit_trailer(session, id, Fields.tail.start, Fields.tail.count)
    }
    return count
}

/// What a stream has received, and how much of it has gone back.
private final class Call {
    var bytes: [UInt8] = []
    var sent = 0

    static func of(_ session: OpaquePointer?, _ id: Int32) -> Call? {
        nghttp2_session_get_stream_user_data(session, id).map { Unmanaged<Call>.fromOpaque($0).takeUnretainedValue() }
    }
}
