// SPDX-License-Identifier: Apache-2.0
// gzip in one go, over zlib: a gRPC message is whole when it is packed and when it is unpacked. All unsafe code of compression is here.
internal import CZlib
internal import NIOCore

/// The gzip format (RFC 1952).
enum Gzip {
    /// Why bytes were not unpacked.
    enum Failure: Error, Equatable {
        /// They are no gzip, or not all of it.
        case corrupt
        /// They unpack to more than was allowed.
        case tooLarge
    }

    /// The largest window, and 16 for "gzip and nothing else".
    private static let windowBits: CInt = 15 + 16
    private static let memoryLevel: CInt = 8
    private static let firstStep = 4 << 10

    /// Unpacks `packed`. Takes no more memory than twice what comes out, and never more than `maxLength` asks for.
    static func unpack(_ packed: ByteBuffer, maxLength: Int) throws(Failure) -> ByteBuffer {
        var stream = unsafe z_stream()
        let version = unsafe zlibVersion()
        guard unsafe inflateInit2_(&stream, windowBits, version, CInt(MemoryLayout<z_stream>.size)) == Z_OK else { throw .corrupt }
        defer { unsafe inflateEnd(&stream) }
        var output = ByteBuffer()
        var code = Z_OK
        var step = firstStep
        unsafe packed.withUnsafeReadableBytes { input in
            // zlib does not write to its input; its header says so only under a macro.
            unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
            unsafe stream.avail_in = UInt32(clamping: input.count)
            // One byte beyond the limit is enough to know.
            while code == Z_OK, output.readableBytes <= maxLength {
                unsafe output.writeWithUnsafeMutableBytes(minimumWritableBytes: min(step - 1, maxLength - output.readableBytes) + 1) { room in
                    let count = min(room.count, step)
                    unsafe stream.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    unsafe stream.avail_out = UInt32(clamping: count)
                    code = unsafe inflate(&stream, Z_NO_FLUSH)
                    return unsafe count - Int(stream.avail_out)
                }
                step = max(step, output.readableBytes)
                // Without input and with room left there is nothing to wait for.
                if code == Z_OK, unsafe stream.avail_in == 0, unsafe stream.avail_out > 0 { code = Z_DATA_ERROR }
            }
        }
        if output.readableBytes > maxLength { throw .tooLarge }
        guard code == Z_STREAM_END, unsafe stream.avail_in == 0 else { throw .corrupt }
        return output
    }

    /// Packs `payload`; nil when zlib has no memory.
    static func pack(_ payload: ByteBuffer) -> ByteBuffer? {
        var stream = unsafe z_stream()
        let version = unsafe zlibVersion()
        let begun = unsafe deflateInit2_(
            &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY, version,
            CInt(MemoryLayout<z_stream>.size))
        guard begun == Z_OK else { return nil }
        defer { unsafe deflateEnd(&stream) }
        var output = ByteBuffer()
        var code = Z_OK
        unsafe payload.withUnsafeReadableBytes { input in
            unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
            unsafe stream.avail_in = UInt32(clamping: input.count)
            let bound = unsafe Int(deflateBound(&stream, UInt(input.count)))
            unsafe output.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { room in
                unsafe stream.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
                unsafe stream.avail_out = UInt32(clamping: room.count)
                code = unsafe deflate(&stream, Z_FINISH)
                return unsafe room.count - Int(stream.avail_out)
            }
        }
        return code == Z_STREAM_END ? output : nil
    }
}
