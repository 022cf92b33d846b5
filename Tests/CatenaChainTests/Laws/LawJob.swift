// SPDX-License-Identifier: Apache-2.0
// A job that an element of a case runs in the turn: it begins a call just after its element, and gives the turn back at some time, or
// never. It has to be told exactly once that it may run or that it may not.

import CatenaABI

@testable import CatenaChain

/// What a job does.
struct JobPlan: Equatable {
    enum End: Equatable {
        /// At once, whatever is below.
        case atOnce
        /// When what it began has ended.
        case after
        /// So long after it began.
        case later(UInt64, place: Int)
        case never
    }

    /// nil: it begins nothing.
    var verb: Verb?
    var end: End
    var cancels: Bool
    /// Says twice that it has finished.
    var isTwice: Bool
}

/// One job of a case.
final class LawJob {
    private unowned let world: LawWorld
    private let element: Int
    private let conn: catena_conn
    private let instance: ScriptedInstance
    private let executor: UnsafePointer<catena_executor>
    private let plan: JobPlan
    private let id: String
    private let key: UInt64
    private(set) var isTold = false

    init(_ world: LawWorld, _ element: Int, _ conn: catena_conn, _ instance: ScriptedInstance, _ executor: UnsafePointer<catena_executor>, _ plan: JobPlan, id: String, key: UInt64) {
        self.world = world
        self.element = element
        self.conn = conn
        self.instance = instance
        self.executor = executor
        self.plan = plan
        self.id = id
        self.key = key
    }

    /// Asks for the turn. The world keeps the job.
    func ask() {
        world.book.note("e\(element) asks for the turn of conn \(conn): \(plan)")
        _ = executor.pointee.async_exec(executor.pointee.ctx, instance.host, conn, { argument, job, refused in
            guard let argument else { return }
            Unmanaged<LawJob>.fromOpaque(argument).takeUnretainedValue().told(job, refused)
        }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func told(_ job: catena_job, _ refused: UnsafePointer<catena_error>?) {
        world.book.check(!isTold, 6, "a job of e\(element) was told twice")
        isTold = true
        guard refused == nil else {
            world.book.add(.met(.refusedJob))
            return world.book.note("e\(element) is refused the turn of conn \(conn)")
        }
        world.book.inside("a job of e\(element)") {
            world.book.add(.met(.fired))
            world.book.note("e\(element) has the turn of conn \(conn)")
            world.checkLoop(conn, "a job of e\(element)")
            world.book.check(!world.duties.hasEnded(conn), 4, "a job of e\(element) has the turn of conn \(conn), which has ended")
            begin(job)
        }
    }

    private func begin(_ job: catena_job) {
        guard let verb = plan.verb else { return finishes(job, hasEnded: true) }
        let operation = LawOperation(.event, element, conn: conn, leg: 0, key: key, world: world) { [self] error, _ in
            world.book.answered(key, error?.pointee.code ?? CATENA_OK, "")
            if plan.end == .after { finish(job) }
        }
        var what = catena_start()
        what.struct_size = UInt32(MemoryLayout<catena_start>.size)
        what.verb = verb.rawValue
        what.from = CATENA_FROM_MY_NEXT
        what.reason = CATENA_EVENT
        what.message = world.message(id, key: key)
        operation.number = instance.connections.start(instance.host, conn, &what, LawOperation.done, operation.pointer)
        world.book.check(operation.number != 0, 6, "e\(element) has the turn of conn \(conn), and its start was refused")
        guard operation.number != 0 else { return finish(job) }
        world.operations.add(operation)
        finishes(job, hasEnded: false)
    }

    private func finishes(_ job: catena_job, hasEnded: Bool) {
        if plan.cancels {
            world.book.note("e\(element) cancels conn \(conn)")
            _ = executor.pointee.cancel(executor.pointee.ctx, conn)
        }
        switch plan.end {
        case .atOnce: finish(job)
        case .after: if hasEnded { finish(job) }
        case .later(let delay, let place): world.later(delay, place: place) { [self] in finish(job) }
        case .never: world.book.add(.met(.lateJob))
        }
    }

    private func finish(_ job: catena_job) {
        executor.pointee.finish(executor.pointee.ctx, job)
        if plan.isTwice { executor.pointee.finish(executor.pointee.ctx, job) }
    }
}
