// SPDX-License-Identifier: Apache-2.0
// What a streaming call tells its caller. Closures and not a protocol: most callers want two of the four.
public import NIOCore

/// The events of a ``ClientStreamCall``. All run on the client's loop and must not block; none runs before
/// ``GRPCClient/stream(_:metadata:deadline:waitForReady:events:)`` has returned, and none after ``onEnd``.
public struct ClientStreamEvents: Sendable {
    /// The server has begun its response, with this metadata. Does not come when the server answered with a status alone.
    public var onMetadata: (@Sendable (_ metadata: GRPCMetadata) -> Void)?
    /// A message came; the bytes without gRPC's framing.
    public var onMessage: @Sendable (_ payload: ByteBuffer) -> Void
    /// ``ClientStreamCall/isReady`` was false and is true again.
    public var onReady: (@Sendable () -> Void)?
    /// The call has ended: with OK and these trailers, or how it failed. Once, and last.
    public var onEnd: @Sendable (_ result: Result<GRPCMetadata, GRPCCallError>) -> Void

    public init(
        onMetadata: (@Sendable (_ metadata: GRPCMetadata) -> Void)? = nil, onMessage: @escaping @Sendable (_ payload: ByteBuffer) -> Void,
        onReady: (@Sendable () -> Void)? = nil, onEnd: @escaping @Sendable (_ result: Result<GRPCMetadata, GRPCCallError>) -> Void
    ) {
        self.onMetadata = onMetadata
        self.onMessage = onMessage
        self.onReady = onReady
        self.onEnd = onEnd
    }
}
