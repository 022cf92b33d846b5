// SPDX-License-Identifier: Apache-2.0
// The kind of call with one message each way: no queue, no back-pressure, and the message is kept until the call ends, so it can
// always be begun again.
public import NIOCore

/// A call with one message each way, whose subclass is told how it ends. ``GRPCClient`` has methods that begin one with a closure; this
/// is for callers who have an object for each call anyway, and for whom the answer is best read where it lies.
///
/// Unchecked because the request never changes, and everything else is touched on the client's loop only.
open class UnaryCall: ClientCall, @unchecked Sendable {
    private let payload: GRPCPayload
    /// The answer's message, until the call ends.
    @safe @exclusivity(unchecked) private var message = HeldMessage()

    /// A call that is begun with ``begin()``; the parameters are those of
    /// ``GRPCClient/call(_:payload:metadata:deadline:waitForReady:completion:)``.
    public init(
        _ client: GRPCClient, _ method: String, payload: GRPCPayload, metadata: GRPCMetadata = GRPCMetadata(),
        deadline: NIODeadline? = nil, waitForReady: Bool = false
    ) {
        self.payload = payload
        super.init(client: client, method: method, metadata: metadata, deadline: deadline, waitForReady: waitForReady)
    }

    /// Begins the call, on the client's loop at once. Any thread; to be called once. The end is not told before this has returned.
    public final func begin() {
        if client.eventLoop.inEventLoop { client.add(self) } else { client.eventLoop.execute { self.client.add(self) } }
    }

    /// The call has ended with status OK. On the client's loop; this or ``failed(_:)``, once.
    ///
    /// - Parameter message: the bytes without gRPC's framing, as they came from the socket.
    open func succeeded(_ message: Span<UInt8>) {}

    /// The call has ended without an answer. On the client's loop; this or ``succeeded(_:)``, once.
    open func failed(_ error: GRPCCallError) {}

    override final func attach(_ stream: ClientStream) {
        // What a server sent that then refused the call is not the answer.
        message.removeAll()
        stream.outbound.append(client.encoding.outbound(payload))
        stream.outbound.end()
    }

    override final func borrow(_ message: Span<UInt8>) -> Bool {
        guard self.message.isEmpty else { return false }
        self.message.borrow(message)
        return true
    }

    override final func keepBorrowed() { message.keepBorrowed(&client.spareBuffer) }

    override final func received(_ message: ByteBuffer) -> GRPCStatus? {
        guard self.message.isEmpty else {
            return GRPCStatus(.unimplemented, "a unary call is answered with one message, the response had more")
        }
        self.message.keep(message)
        return nil
    }

    override final var shortfall: GRPCStatus? {
        message.isEmpty ? GRPCStatus(.unimplemented, "a unary call is answered with one message, the response had none") : nil
    }

    override func tell(_ result: Result<GRPCMetadata, GRPCCallError>) {
        let message = takeMessage()
        switch result {
        case .success:
            message.withBytes { succeeded($0) }
            message.recycle(&client.spareBuffer)
        case .failure(let error): failed(error)
        }
    }

    /// The answer's message, for who is told of the end.
    final func takeMessage() -> HeldMessage { message.take() }
}
