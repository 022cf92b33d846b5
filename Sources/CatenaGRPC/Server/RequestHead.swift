// SPDX-License-Identifier: Apache-2.0
// The header fields of a request, understood as they come. What is wrong with them is only remembered: the answer is given when the
// block is complete, in the order of the gRPC specification and not in the order the peer chose. An object, made once for a stream
// that serves many calls: a struct of this size is copied too easily.
internal import NIOCore

/// The head of one call on a server (gRPC PROTOCOL-HTTP2, "Request-Headers").
@safe final class RequestHead {
    /// Why a call cannot be served.
    enum Refusal {
        /// Not gRPC: answered with a bare HTTP status.
        case notGRPC(httpStatus: StaticString)
        case refused(GRPCStatus)
    }

    @safe @exclusivity(unchecked) private(set) var metadata = GRPCMetadata()
    @safe @exclusivity(unchecked) private(set) var timeout: TimeAmount?
    /// `grpc-encoding`: what compressed messages of the request are compressed with.
    @safe @exclusivity(unchecked) private(set) var encoding = MessageEncoding.identity
    /// The client says what it accepts, so it is told what we do.
    @safe @exclusivity(unchecked) private(set) var asksForEncodings = false
    /// A client that compresses is answered in kind.
    var responseEncoding: MessageEncoding { encoding.isGzip ? .gzip : .identity }

    /// Not counted: the connection's table of methods keeps it.
    @safe @exclusivity(unchecked) private(set) var method: Unmanaged<GRPCMethods.Method>?
    @safe @exclusivity(unchecked) private var unknownPath = ""
    @safe @exclusivity(unchecked) private var isPost = false
    @safe @exclusivity(unchecked) private var isGRPC = false
    @safe @exclusivity(unchecked) private var size = 0
    @safe @exclusivity(unchecked) private var malformed: String?

    /// Takes one field.
    func add(name: Span<UInt8>, value: Span<UInt8>, to connection: ServerConnection) {
        size += name.count + value.count + HTTP2Settings.fieldOverhead
        guard size <= connection.maxMetadataSize else { return }
        switch name.count {
        case 5 where name.equals(":path"):
            unsafe method = connection.method(at: value)
            if unsafe method == nil { unknownPath = String(copying: value) }
        case 7 where name.equals(":method"): isPost = value.equals("POST")
        case 12 where name.equals("content-type"): isGRPC = Self.isGRPC(contentType: value)
        case 12 where name.equals("grpc-timeout"):
            timeout = GRPCTimeout.decode(value)
            if timeout == nil { malformed = "malformed grpc-timeout \"\(String(copying: value))\"" }
        case 13 where name.equals("grpc-encoding"): encoding = MessageEncoding(wire: value)
        case 20 where name.equals("grpc-accept-encoding"): asksForEncodings = true
        case 2 where name.equals("te"), 10 where name.equals("user-agent"): break
        default:
            if !metadata.addReceived(name: name, value: value) {
                malformed = "the value of metadata \"\(String(copying: name))\" is not base64"
            }
        }
    }

    /// Forgets all, for the next call.
    func reset() {
        if !metadata.isEmpty { metadata = GRPCMetadata() }
        timeout = nil
        encoding = .identity
        asksForEncodings = false
        method = nil
        isPost = false
        isGRPC = false
        size = 0
        malformed = nil
    }

    /// Whether the call can be served; to be asked when the block is complete.
    func isAcceptable(maxSize: Int) -> Bool {
        unsafe size <= maxSize && isPost && isGRPC && method != nil && malformed == nil
    }

    /// Why the call cannot be served; nil when it can.
    func refusal(maxSize: Int) -> Refusal? {
        guard size <= maxSize else {
            return .refused(GRPCStatus(.resourceExhausted, "request metadata of \(size) bytes is above the limit of \(maxSize)"))
        }
        guard isPost else { return .notGRPC(httpStatus: "405") }
        guard isGRPC else { return .notGRPC(httpStatus: "415") }
        guard unsafe method != nil else { return .refused(GRPCStatus(.unimplemented, "unknown method \(unknownPath)")) }
        return malformed.map { .refused(GRPCStatus(.internal, $0)) }
    }

    /// `application/grpc`, alone or followed by `+` or `;`.
    static func isGRPC(contentType value: Span<UInt8>) -> Bool {
        guard value.hasPrefix("application/grpc") else { return false }
        let length = 16
        return value.count == length || value[length] == UInt8(ascii: "+") || value[length] == UInt8(ascii: ";")
    }
}
