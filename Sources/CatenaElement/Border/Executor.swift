// SPDX-License-Identifier: Apache-2.0
// The serial executor of one connection, for elements that begin Requests and Closes of their own just after themselves.
// A job has the connection's turn until it says that it has finished, on whatever thread that is.
internal import CatenaABI

/// Runs jobs in the turn of one incarnation of a connection; from ``Hop/executor(_:)``. Any thread.
///
/// When the incarnation has been closed or cancelled, everything is refused: ABORTED, `executor is already canceled: <id>`.
///
/// Unchecked, because it holds a pointer: the header has the table live as long as the elements of the chain, and never change.
public struct Executor: @unchecked Sendable {
    /// The incarnation that it runs jobs for.
    public let connection: Connection
    private let table: UnsafePointer<catena_executor>
    private let host: Host

    init(_ table: UnsafePointer<catena_executor>, _ connection: Connection, _ host: Host) {
        self.table = table
        self.connection = connection
        self.host = host
    }

    /// Runs a job when the turn is free, after whoever waits already.
    ///
    /// The job holds the turn until ``Job/finish()``, which may come later and from any thread; so what it begins with
    /// ``EventService/requestBelow(_:with:why:deadline:completion:)`` or
    /// ``EventService/closeBelow(_:with:why:deadline:completion:)`` runs inside the turn. It must not wait for an event that
    /// begins at the anchor: that one waits for the job. A job that does not finish within the host's time for events and its
    /// grace (15 s each) is finished by the host, which names the element in its log.
    /// - Parameters:
    ///   - job: on the connection's loop, never inside this call.
    ///   - refused: in its place, if it will not run; perhaps inside this call.
    public func exec(
        _ job: @escaping @Sendable (Job) -> Void, refused: @escaping @Sendable (ElementError) -> Void = { _ in }
    ) {
        let waiting = Unmanaged.passRetained(Waiting(self, job, refused))
        // The job hears of a refusal; the status says the same.
        _ = table.pointee.async_exec(table.pointee.ctx, host.pointer, connection.number, Waiting.start, waiting.toOpaque())
    }

    /// Runs a function in the caller's own task while the connection's turn is held for it.
    /// - Throws: ABORTED: refused; or what the function throws.
    public func withTurn<R>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> R
    ) async throws -> R {
        let turn = await withCheckedContinuation { (continuation: CheckedContinuation<Result<Job, ElementError>, Never>) in
            exec({ continuation.resume(returning: .success($0)) }, refused: { continuation.resume(returning: .failure($0)) })
        }
        let job = try turn.get()
        defer { job.finish() }
        return try await body()
    }

    /// Ends the incarnation when the turn is free: what waits and all that follows is refused at once; then elements below the
    /// anchor that have seen no Close get one, with ``Reason/removed``.
    /// - Throws: ABORTED: it has ended already.
    public func cancel() throws(ElementError) {
        let status = table.pointee.cancel(table.pointee.ctx, connection.number)
        guard status == CATENA_OK else { throw ElementError(status: status, "cannot end the connection") }
    }

    /// The turn of a connection, held by a job.
    public struct Job: Sendable {
        fileprivate let executor: Executor
        fileprivate let number: UInt64

        /// The turn passes on. Any thread; a second time does nothing.
        public func finish() { executor.table.pointee.finish(executor.table.pointee.ctx, number) }
    }

    /// Carries a job through the `arg` of its C callback.
    private final class Waiting: Sendable {
        private let executor: Executor
        private let job: @Sendable (Job) -> Void
        private let refused: @Sendable (ElementError) -> Void

        init(_ executor: Executor, _ job: @escaping @Sendable (Job) -> Void, _ refused: @escaping @Sendable (ElementError) -> Void) {
            self.executor = executor
            self.job = job
            self.refused = refused
        }

        static let start: catena_job_fn = { argument, number, refused in
            guard let argument else { return }
            let waiting = Unmanaged<Waiting>.fromOpaque(argument).takeRetainedValue()
            if let refused {
                waiting.refused(ElementError(copying: refused))
            } else {
                waiting.job(Job(executor: waiting.executor, number: number))
            }
        }
    }
}
