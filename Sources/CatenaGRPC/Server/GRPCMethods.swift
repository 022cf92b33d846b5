// SPDX-License-Identifier: Apache-2.0
// The methods a server offers, by full path. A connection looks one up for each call, from bytes it has only borrowed: so the table
// is searched by length and bytes, and no String is made on the way.
public import NIOCore

/// The methods of one or more ``GRPCServer``s.
public struct GRPCMethods: Sendable {
    /// Runs one call whose request is one message, on the event loop of its connection. It must not block, and must see to it that the
    /// call is answered, now or later. `payload` is the message's bytes, without gRPC's framing.
    public typealias UnaryHandler = @Sendable (_ call: ServerCall, _ payload: ByteBuffer) -> Void

    /// Runs one call as a ``UnaryHandler`` does, from bytes that are only borrowed: they are where they came from the socket.
    package typealias BorrowingHandler = @Sendable (_ call: ServerCall, _ payload: Span<UInt8>) -> Void

    /// Runs one call whose request is any number of messages, on the event loop of its connection, as soon as the request's head has
    /// come. It must not block, says with ``ServerCall/onMessage(_:end:)`` who gets the messages, and must see to it that the call
    /// is answered, now or later.
    public typealias StreamHandler = @Sendable (_ call: ServerCall) -> Void

    /// One registered method.
    final class Method: Sendable {
        enum Handler: Sendable {
            case single(UnaryHandler)
            case borrowing(BorrowingHandler)
            case stream(StreamHandler)
        }

        let path: String
        let bytes: [UInt8]
        let handler: Handler
        /// What `handler` is, found without a look at it that counts a reference.
        let isStream: Bool

        init(path: String, handler: Handler) {
            self.path = path
            self.bytes = Array(path.utf8)
            self.handler = handler
            if case .stream = handler { isStream = true } else { isStream = false }
        }
    }

    private var methods: [Method] = []

    /// No methods.
    public init() {}

    /// Offers a method with one message in and one out. Offered again, the later handler counts.
    ///
    /// - Parameter path: `/package.Service/Method`, as it stands on the wire.
    public mutating func handleUnary(_ path: String, _ handler: @escaping UnaryHandler) {
        add(path, .single(handler))
    }

    /// Offers a method with one message in and one out whose handler reads the message before it returns. Offered again, the later
    /// handler counts.
    package mutating func handleUnaryInPlace(_ path: String, _ handler: @escaping BorrowingHandler) {
        add(path, .borrowing(handler))
    }

    /// Offers a method with one message in and any number out, which are sent with ``ServerCall/send(_:)`` and ended with
    /// ``ServerCall/finish(trailers:)``. Offered again, the later handler counts.
    ///
    /// - Parameter path: `/package.Service/Method`, as it stands on the wire.
    public mutating func handleServerStreaming(_ path: String, _ handler: @escaping UnaryHandler) {
        add(path, .single(handler))
    }

    /// Offers a method with any number of messages in, and one or any number out. Offered again, the later handler counts.
    ///
    /// - Parameter path: `/package.Service/Method`, as it stands on the wire.
    public mutating func handleStreaming(_ path: String, _ handler: @escaping StreamHandler) {
        add(path, .stream(handler))
    }

    private mutating func add(_ path: String, _ handler: Method.Handler) {
        methods.removeAll { $0.path == path }
        methods.append(Method(path: path, handler: handler))
    }

    /// A server has a handful of methods, and their lengths tell most of them apart: a scan beats hashing.
    func find(_ path: Span<UInt8>) -> Method? {
        for method in methods where path.equals(method.bytes) { return method }
        return nil
    }
}
