// SPDX-License-Identifier: Apache-2.0
// The executor of a host that runs nothing: jobs are kept until the test runs or refuses them, one by one.
internal import CatenaABI
public import CatenaElement

extension RecordingHost {
    /// The executor of every connection: what a test writes into a call, `call[.executor] = bench.host.executor`.
    public var executor: ExecutorValue { ExecutorValue(table: executorTable) }

    /// A job that waits for its test.
    public struct Job {
        /// Whose turn it wants.
        public let connection: UInt64
        let function: catena_job_fn
        let argument: UnsafeMutableRawPointer?
    }

    /// Runs the job that waits longest.
    /// - Returns: its number, which will be in ``finishedJobs``.
    @discardableResult
    public func runJob() -> UInt64 {
        let job = jobs.removeFirst(), number = next()
        job.function(job.argument, number, nil)
        return number
    }

    /// Refuses the job that waits longest, as if its connection had been closed.
    public func refuseJob() {
        let job = jobs.removeFirst()
        refuse(job)
    }

    private func refuse(_ job: Job) {
        let id = last[job.connection]?.id ?? "\(job.connection)"
        ElementError(.aborted, "executor is already canceled: \(id)").lend { job.function(job.argument, 0, $0) }
    }

    func makeExecutor() -> UnsafePointer<catena_executor> {
        let table = UnsafeMutablePointer<catena_executor>.allocate(capacity: 1)
        table.initialize(to: catena_executor())
        table.pointee.struct_size = UInt32(MemoryLayout<catena_executor>.size)
        table.pointee.ctx = Unmanaged.passUnretained(self).toOpaque()
        table.pointee.async_exec = { context, _, connection, function, argument in
            guard let own = RecordingHost.at(context), let function else { return CATENA_MISUSE }
            let job = Job(connection: connection, function: function, argument: argument)
            guard !own.ended.contains(connection) else {
                own.refuse(job)
                return CATENA_GONE
            }
            own.jobs.append(job)
            return CATENA_OK
        }
        table.pointee.finish = { context, number in RecordingHost.at(context)?.finishedJobs.append(number) }
        table.pointee.cancel = { context, connection in
            RecordingHost.at(context)?.ended.insert(connection).inserted == true ? CATENA_OK : CATENA_GONE
        }
        return UnsafePointer(table)
    }

    private static func at(_ context: UnsafeMutableRawPointer?) -> RecordingHost? {
        context.map { Unmanaged<RecordingHost>.fromOpaque($0).takeUnretainedValue() }
    }
}
