// SPDX-License-Identifier: Apache-2.0
// The serial executor of a connection, as a context value that the anchor provides. It is a pointer to a table of the other
// module, so that nothing but C is between the two.
internal import CatenaABI

/// Runs jobs in the turn of a connection. Read from a call with the key ``ContextKey/executor``; it may be kept.
///
/// Unchecked, because it holds a pointer: the header has the table live as long as the element that provides it, and never
/// change.
public struct Executor: ContextValue, @unchecked Sendable {
    let table: UnsafePointer<catena_executor>?

    /// No executor: what a context value holds where nobody wrote.
    public init() { table = nil }

    init(table: UnsafePointer<catena_executor>) { self.table = table }

    /// Whether somebody provided it.
    public var isPresent: Bool { table != nil }

    /// Runs a job when the connection's turn is free, on its loop. Any thread.
    ///
    /// The job holds the turn until it calls ``Job/finish()``, which it may do later and from any thread; so what it begins with
    /// ``EventService/requestBelow(_:with:why:deadline:completion:)`` runs inside the turn.
    /// - Parameter job: called exactly once; with an error if it was refused and holds no turn.
    public func run(for connection: Connection, _ job: @escaping @Sendable (Result<Job, ElementError>) -> Void) {
        guard let table else { return job(.failure(ElementError(.failedPrecondition, "the chain has no executor"))) }
        let waiting = Unmanaged.passRetained(Waiting(self, job))
        // The job hears of a refusal; the status says the same.
        _ = table.pointee.async_exec(table.pointee.ctx, connection.number, Waiting.start, waiting.toOpaque())
    }

    /// Ends the incarnation of a connection; jobs that wait and all that follow are refused. Any thread.
    /// - Throws: ABORTED: it has ended already.
    public func cancel(_ connection: Connection) throws(ElementError) {
        guard let table else { throw ElementError(.failedPrecondition, "the chain has no executor") }
        let status = table.pointee.cancel(table.pointee.ctx, connection.number)
        guard status == CATENA_OK else { throw ElementError(status: status, "cannot end the connection") }
    }

    /// The turn of a connection, held by a job.
    public struct Job: Sendable {
        fileprivate let executor: Executor
        fileprivate let number: UInt64

        /// The turn passes on. Exactly once, from any thread.
        public func finish() {
            guard let table = executor.table else { return }
            table.pointee.finish(table.pointee.ctx, number)
        }
    }

    /// Carries a job through the `arg` of its C callback.
    private final class Waiting: Sendable {
        private let executor: Executor
        private let job: @Sendable (Result<Job, ElementError>) -> Void

        init(_ executor: Executor, _ job: @escaping @Sendable (Result<Job, ElementError>) -> Void) {
            self.executor = executor
            self.job = job
        }

        static let start: catena_job_fn = { argument, number, refused in
            guard let argument else { return }
            let waiting = Unmanaged<Waiting>.fromOpaque(argument).takeRetainedValue()
            if let refused {
                waiting.job(.failure(ElementError(copying: refused)))
            } else {
                waiting.job(.success(Job(executor: waiting.executor, number: number)))
            }
        }
    }
}

extension ContextKey where Value == Executor {
    /// The serial executor of the connection, which the anchor provides.
    public static var executor: ContextKey<Executor> { ContextKey(CATENA_KEY_EXECUTOR) }
}
