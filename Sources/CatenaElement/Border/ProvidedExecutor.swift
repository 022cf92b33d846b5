// SPDX-License-Identifier: Apache-2.0
// The other side of the executor: what an anchor of one's own has to do, and the table that leads there.
internal import CatenaABI

/// The queue behind an executor. Every function may be called from any thread.
public protocol JobQueue: AnyObject, Sendable {
    /// A job has come; see to it that exactly one of its functions is called, on the connection's loop.
    /// - Returns: false: refused, which the job has been told or will be.
    func add(_ job: QueuedJob, for connection: Connection) -> Bool
    /// A job that was run with this number gives its turn back.
    func finish(_ number: UInt64)
    /// Ends the incarnation, and refuses what waits and what follows.
    /// - Returns: false: it has ended already.
    func cancel(_ connection: Connection) -> Bool
}

/// A job that waits in a ``JobQueue``.
///
/// Unchecked, because it holds the pointer of another element, which only that element looks behind.
public struct QueuedJob: @unchecked Sendable {
    fileprivate let function: catena_job_fn
    fileprivate let argument: UnsafeMutableRawPointer?

    /// Runs it; it holds the turn until ``JobQueue/finish(_:)`` comes with this number, which is never 0.
    public func run(_ number: UInt64) { function(argument, number, nil) }

    /// Tells it why it will not run.
    public func refuse(_ error: ElementError) { error.withC { function(argument, 0, $0) } }
}

/// An executor as an anchor provides it: made once in its initializer, kept as long as the element, written into each call.
///
/// Unchecked, because it holds a pointer: the table is made here, never changed, and freed with this object.
public final class ProvidedExecutor: @unchecked Sendable {
    /// What to write into a call: `hop[place] = provided.value`.
    public var value: Executor { Executor(table: UnsafePointer(table)) }

    private let table: UnsafeMutablePointer<catena_executor>
    private let queue: any JobQueue

    /// An executor whose jobs a queue runs.
    public init(_ queue: any JobQueue) {
        self.queue = queue
        table = .allocate(capacity: 1)
        table.initialize(to: catena_executor())
        table.pointee.struct_size = UInt32(MemoryLayout<catena_executor>.size)
        table.pointee.ctx = Unmanaged.passUnretained(self).toOpaque()
        table.pointee.async_exec = { context, number, function, argument in
            guard let context, let function else { return CATENA_MISUSE }
            let job = QueuedJob(function: function, argument: argument)
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

    private static func at(_ context: UnsafeMutableRawPointer) -> ProvidedExecutor {
        Unmanaged<ProvidedExecutor>.fromOpaque(context).takeUnretainedValue()
    }
}
