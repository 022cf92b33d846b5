// SPDX-License-Identifier: Apache-2.0
// One call from its beginning to its end, whatever connections it meets on the way. The stream that carries it can change, when a
// server refuses it unseen; the caller sees one call and one end. What a kind of call does with messages is its subclass's.
internal import NIOCore

/// A call begun on a ``GRPCClient``.
///
/// Unchecked because what says what the call is never changes, and everything else is touched on the client's loop only.
///
/// Open for the sake of ``UnaryCall``.
@safe open class ClientCall: @unchecked Sendable {
    /// How often a server may refuse a call that it did not begin before the refusal counts as its answer.
    private static let refusalsAllowed = 5

    package final let client: GRPCClient
    final let method: String
    final let metadata: GRPCMetadata
    final let deadline: NIODeadline?
    final let waitForReady: Bool

    /// The stream that carries the call; nil while it waits for one. Not counted: a stream takes itself off its call before it goes.
    @safe @exclusivity(unchecked) private final var carrier: Unmanaged<ClientStream>?
    final var stream: ClientStream? {
        get { unsafe carrier?.takeUnretainedValue() }
        set { unsafe carrier = newValue.map(Unmanaged.passUnretained) }
    }
    /// The caller has been told how the call ended.
    @safe @exclusivity(unchecked) final private(set) var isEnded = false
    @safe @exclusivity(unchecked) private final var refusals = 0
    /// The place in the client's list of calls; -1 when it is not there.
    @safe @exclusivity(unchecked) final var slot = -1

    init(client: GRPCClient, method: String, metadata: GRPCMetadata, deadline: NIODeadline?, waitForReady: Bool) {
        self.client = client
        self.method = method
        self.metadata = metadata
        self.deadline = deadline
        self.waitForReady = waitForReady
    }

    /// Ends the call with CANCELLED, and tells the server if it has been sent. Any thread; does nothing when the call has ended.
    public final func cancel() {
        if client.eventLoop.inEventLoop { abandon(.cancelled, "the caller cancelled the call") } else {
            client.eventLoop.execute { self.abandon(.cancelled, "the caller cancelled the call") }
        }
    }

    // MARK: What a kind of call does

    /// Gives `stream` what is to be sent. Can come again, with another stream, as long as ``isReplayable``.
    func attach(_ stream: ClientStream) {}

    /// All that was sent is still here, so the call can be begun once more.
    var isReplayable: Bool { true }

    /// The server has begun its response.
    func responseBegan(_ head: ResponseHead) {}

    /// A whole message came, which can be looked at where it lies until ``keepBorrowed()`` or the end of the stream.
    ///
    /// - Returns: false when the call wants it as a buffer, which it then gets.
    func borrow(_ message: Span<UInt8>) -> Bool { false }

    /// The bytes of a message that was borrowed are about to go.
    func keepBorrowed() {}

    /// A message came.
    ///
    /// - Returns: what is wrong with it; nil for nothing.
    func received(_ message: ByteBuffer) -> GRPCStatus? { nil }

    /// What a response lacks that ends here with OK; nil for nothing.
    var shortfall: GRPCStatus? { nil }

    /// Little of what was sent is left to write.
    func bodyDrained() {}

    /// A server may have begun it.
    var mayHaveBeenProcessed: Bool { stream?.headersSent ?? false }

    /// How the stream ended.
    func settle(_ result: Result<GRPCMetadata, GRPCCallError>) { end(result) }

    /// Tells the caller; called once.
    func tell(_ result: Result<GRPCMetadata, GRPCCallError>) {}
}

// MARK: - The end, on the loop

extension ClientCall {
    /// Ends the call from our side: the stream is reset, the caller told.
    final func abandon(_ status: GRPCStatus) {
        guard !isEnded else { return }
        let stream = self.stream
        end(.failure(GRPCCallError(status: status, mayHaveBeenProcessed: mayHaveBeenProcessed)))
        stream?.abandon()
    }

    final func abandon(_ code: GRPCStatus.Code, _ message: String) {
        abandon(GRPCStatus(code, message))
    }

    /// Ends a call that no server has seen.
    final func fail(_ status: GRPCStatus) {
        end(.failure(GRPCCallError(status: status, mayHaveBeenProcessed: false)))
    }

    /// Ends the call and tells the caller.
    final func end(_ result: Result<GRPCMetadata, GRPCCallError>) {
        guard !isEnded else { return }
        isEnded = true
        leaveStream()
        client.forget(self)
        tell(result)
    }

    /// Takes leave of a stream whose server surely did not begin the call.
    ///
    /// - Parameter counts: the server has seen the call and refused it.
    /// - Returns: whether the call may be begun again.
    final func leaveStream(counts: Bool) -> Bool {
        guard !isEnded, isReplayable, !counts || refusals < Self.refusalsAllowed else { return false }
        if counts { refusals += 1 }
        leaveStream()
        return true
    }

    /// Neither the call nor its stream knows the other any more.
    private func leaveStream() {
        guard let stream = carrier else { return }
        carrier = nil
        unsafe stream._withUnsafeGuaranteedRef { $0.leaveCall() }
    }
}
