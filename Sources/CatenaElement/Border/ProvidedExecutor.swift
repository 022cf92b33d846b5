// SPDX-License-Identifier: Apache-2.0
// The other side of the executor: what an anchor has to do for it, and the table that leads there.
internal import CatenaABI

/// The queue behind an executor. Every function may be called from any thread.
public protocol JobQueue: AnyObject, Sendable {
    /// A job has come. See to it that exactly one of ``ProvidedExecutor/run(_:as:for:)``, ``QueuedJob/refuse(_:)`` and
    /// ``QueuedJob/refuse(as:)`` is called for it, the last two perhaps at once.
    /// - Returns: false: refused, which the job has been told or will be.
    func add(_ job: QueuedJob, for connection: Connection) -> Bool
    /// The job that was run with this number gives its turn back, or the host does in its place; call
    /// ``ProvidedExecutor/takeBack(_:)`` on the connection's loop. Comes a second time when both do, or a job says it twice.
    func finish(_ number: UInt64)
    /// Ends the incarnation, and refuses what waits and what follows.
    /// - Returns: false: it has ended already.
    func cancel(_ connection: Connection) -> Bool
}

/// A job that waits in a ``JobQueue``.
///
/// Unchecked, because it holds pointers of another element, which only that element and the host look behind.
public struct QueuedJob: @unchecked Sendable {
    fileprivate let function: catena_job_fn
    fileprivate let argument: UnsafeMutableRawPointer?
    fileprivate let owner: UnsafePointer<catena_host>?

    /// Tells it why it will not run. Any thread.
    public func refuse(_ error: ElementError) { error.withC { function(argument, 0, $0) } }

    /// Tells it that the incarnation was closed or cancelled: ABORTED, `executor is already canceled: <id>`. Any thread.
    public func refuse(as id: String) { refuse(ElementError(.aborted, "executor is already canceled: \(id)")) }
}

/// An executor as an anchor provides it: made once in its initializer, kept as long as the element, written into each Request.
///
/// Declare it with `.provides(.executor, kept: true)`: then Requests that begin below the anchor have it too. The host keeps it out
/// of every Close that begins as an event.
///
/// Unchecked, because it holds a pointer: the table is made here, never changed, and freed with this object.
public final class ProvidedExecutor: @unchecked Sendable {
    /// What to write into a Request: `hop[place] = provided.value`.
    public var value: ExecutorValue { ExecutorValue(table: UnsafePointer(table)) }

    private let table: UnsafeMutablePointer<catena_executor>
    private let queue: any JobQueue
    private let host: Host

    /// An executor whose jobs a queue runs.
    /// - Parameter host: the anchor's.
    public init(_ queue: any JobQueue, host: Host) {
        self.queue = queue
        self.host = host
        table = .allocate(capacity: 1)
        table.initialize(to: catena_executor())
        table.pointee.struct_size = UInt32(MemoryLayout<catena_executor>.size)
        table.pointee.ctx = Unmanaged.passUnretained(self).toOpaque()
        table.pointee.async_exec = { context, owner, number, function, argument in
            guard let context, let function else { return CATENA_MISUSE }
            let job = QueuedJob(function: function, argument: argument, owner: owner)
            guard let connection = Connection(number) else {
                job.refuse(ElementError(.aborted, "no connection has the number 0"))
                return CATENA_GONE
            }
            return ProvidedExecutor.at(context).queue.add(job, for: connection) ? CATENA_OK : CATENA_GONE
        }
        table.pointee.finish = { context, number in
            guard let context else { return }
            ProvidedExecutor.at(context).queue.finish(number)
        }
        table.pointee.cancel = { context, number in
            guard let context, let connection = Connection(number) else { return CATENA_GONE }
            return ProvidedExecutor.at(context).queue.cancel(connection) ? CATENA_OK : CATENA_GONE
        }
    }

    deinit { table.deallocate() }

    /// Lends a job the connection's turn and runs it. On the connection's loop, in a posted function or a timer, not in a hook.
    /// - Parameter number: what ``JobQueue/finish(_:)`` will say, never 0.
    /// - Throws: ABORTED: the connection has ended; or a call is below, or another job has the turn. The job has not been told.
    public func run(_ job: QueuedJob, as number: UInt64, for connection: Connection) throws(ElementError) {
        var loan = catena_loan()
        loan.struct_size = UInt32(MemoryLayout<catena_loan>.size)
        loan.to = job.owner
        loan.executor = UnsafePointer(table)
        loan.job = number
        try host.anchor.lend(connection, &loan)
        job.function(job.argument, number, nil)
    }

    /// The turn that a job had is the anchor's again. On the connection's loop, before it is passed on.
    public func takeBack(_ connection: Connection) {
        // Whether there was something to take back makes no difference: ended is ended.
        try? host.anchor.lend(connection, nil)
    }

    private static func at(_ context: UnsafeMutableRawPointer) -> ProvidedExecutor {
        Unmanaged<ProvidedExecutor>.fromOpaque(context).takeUnretainedValue()
    }
}
