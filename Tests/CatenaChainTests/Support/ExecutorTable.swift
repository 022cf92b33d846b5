// SPDX-License-Identifier: Apache-2.0
// The C table of an executor with Swift behind it: what an anchor of these tests derives its executor from.

import CatenaABI

@testable import CatenaChain

/// An executor for elements below an anchor. Derive from it and say what its three functions do.
class ExecutorTable: @unchecked Sendable {  // the table is written here, once
    /// A job as an element hands it over.
    struct Offer: @unchecked Sendable {  // pointers of that element, which only it looks behind
        let conn: catena_conn
        let owner: UnsafePointer<catena_host>?
        let function: catena_job_fn
        let argument: UnsafeMutableRawPointer?

        /// Tells the job that it will not run.
        func refuse(_ text: String) {
            ScriptedInstance.withError(CATENA_ABORTED, text) { function(argument, 0, $0) }
        }
    }

    /// What a Request is given as its executor.
    let table: UnsafeMutablePointer<catena_executor>

    init() {
        table = .allocate(capacity: 1)
        table.initialize(to: catena_executor())
        table.pointee.struct_size = UInt32(MemoryLayout<catena_executor>.size)
        table.pointee.ctx = Unmanaged.passUnretained(self).toOpaque()
        table.pointee.async_exec = { context, owner, conn, function, argument in
            guard let own = ExecutorTable.of(context), let function else { return CATENA_MISUSE }
            return own.add(Offer(conn: conn, owner: owner, function: function, argument: argument))
        }
        table.pointee.finish = { context, number in ExecutorTable.of(context)?.finish(number) }
        table.pointee.cancel = { context, conn in ExecutorTable.of(context)?.cancel(conn) ?? CATENA_MISUSE }
    }

    deinit { table.deallocate() }

    private static func of(_ context: UnsafeMutableRawPointer?) -> ExecutorTable? {
        context.map { Unmanaged<ExecutorTable>.fromOpaque($0).takeUnretainedValue() }
    }

    /// A job has come. Any thread, as the other two.
    func add(_ offer: Offer) -> catena_status { CATENA_MISUSE }
    /// The job of this number gives its turn back.
    func finish(_ number: catena_job) {}
    /// The incarnation is to end.
    func cancel(_ conn: catena_conn) -> catena_status { CATENA_MISUSE }

    /// The turn as it is lent to a job.
    func loan(_ number: catena_job, to offer: Offer) -> catena_loan {
        var loan = catena_loan()
        loan.struct_size = UInt32(MemoryLayout<catena_loan>.size)
        loan.to = offer.owner
        loan.executor = UnsafePointer(table)
        loan.job = number
        return loan
    }
}
