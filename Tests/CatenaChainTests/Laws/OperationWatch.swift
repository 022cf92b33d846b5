// SPDX-License-Identifier: Apache-2.0
// Law 6 for what elements begin: timers, posts, events and client calls. Each is told once, on the loop of its connection, and
// before the slot of what it names goes; what has ended begins nothing.

import CatenaABI

@testable import CatenaChain

/// One thing that an element began.
final class LawOperation {
    enum Kind { case timer, post, event, client }

    let kind: Kind
    let element: Int
    let conn: catena_conn
    let leg: catena_leg
    let due: UInt64
    /// The call that it begins, where that is known.
    let key: UInt64
    unowned let world: LawWorld
    let completion: ((_ error: UnsafePointer<catena_error>?, _ message: OpaquePointer?) -> Void)?
    let began: UInt64
    var number: catena_op = 0
    var isOver = false

    init(
        _ kind: Kind, _ element: Int, conn: catena_conn, leg: catena_leg, due: UInt64 = 0, key: UInt64 = 0, world: LawWorld,
        completion: ((UnsafePointer<catena_error>?, OpaquePointer?) -> Void)? = nil
    ) {
        self.kind = kind
        self.element = element
        self.conn = conn
        self.leg = leg
        self.due = due
        self.key = key
        self.world = world
        self.completion = completion
        began = world.clock.now
    }

    var pointer: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    static func of(_ argument: UnsafeMutableRawPointer?) -> LawOperation? {
        argument.map { Unmanaged<LawOperation>.fromOpaque($0).takeUnretainedValue() }
    }

    // The functions that the host is given.

    static let done: catena_done = { argument, number, error, message in
        LawOperation.of(argument)?.finished(number, error, message)
    }

    static let fired: @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Void = { argument, slot in
        LawOperation.of(argument)?.ran(slot)
    }

    private func ran(_ slot: UnsafeMutableRawPointer?) {
        let book = world.book
        book.inside("\(kind) of e\(element)") {
            book.note("\(kind) of e\(element) for conn \(conn)\(slot == nil ? " without a slot" : "")")
            book.add(.met(kind == .timer ? .timer : .post))
            book.check(!isOver, 6, "\(kind) of e\(element) ran twice, or after it was withdrawn")
            isOver = true
            world.checkLoop(conn, "\(kind) of e\(element)")
            let hasEnded = leg != 0 ? world.endedLegs.contains(leg) : world.duties.hasEnded(conn)
            if kind == .timer {
                book.check(world.clock.now >= due, 6, "timer of e\(element) fired before its time")
                book.check(!hasEnded, 4, "timer of e\(element) fired after conn \(conn) leg \(leg) ended")
            }
            guard let slot else {
                // The number of a record where nothing was below the anchor ends unseen.
                let isUnseen = !world.plan.elements[element].hasConnSlot || !world.duties.isBegun(conn) || world.duties.isUnsure(conn)
                let isOver = hasEnded || world.duties.hasEnded(conn)
                book.check(isOver || isUnseen, 4, "\(kind) of e\(element) got no slot, and conn \(conn) leg \(leg) is there")
                return
            }
            // An anchor's slot is the record's.
            book.check(!hasEnded || world.isAnchor(element), 4, "\(kind) of e\(element) got a slot of conn \(conn) leg \(leg), which has ended")
            world.slots.touch(element, conn, leg, slot + world.slotShift(element), isAnchor: world.isAnchor(element))
        }
    }

    private func finished(_ number: catena_op, _ error: UnsafePointer<catena_error>?, _ message: OpaquePointer?) {
        let book = world.book
        book.inside("\(kind) of e\(element)") {
            book.note("\(kind) of e\(element) done: \(Name.of(status: error?.pointee.code ?? CATENA_OK))")
            if kind == .event { book.add(.met(error?.pointee.code == CATENA_CANCELLED ? .abandoned : .event)) }
            book.check(!isOver, 6, "\(kind) of e\(element) was told its end twice")
            book.check(self.number == number, 6, "\(kind) of e\(element) was told the end of another")
            book.check(error != nil || message != nil, 6, "\(kind) of e\(element) was told neither an error nor an answer")
            isOver = true
            world.checkLoop(conn, "\(kind) of e\(element)")
            let hasEnded = leg != 0 ? world.endedLegs.contains(leg) : world.duties.hasEnded(conn)
            book.check(!hasEnded, 4, "\(kind) of e\(element) was told its end after conn \(conn) leg \(leg) ended")
            // Time may run out between two hooks, and nobody sees it.
            let isLate = !world.plan.isCalm && world.clock.now >= began + world.plan.options.eventTimeout
            if isLate || kind == .client && error?.pointee.code == CATENA_CANCELLED { book.disturbed.insert(key) }
            if kind == .event { world.duties.leaveBelow(key, conn) }
            completion?(error, message)
        }
    }
}

/// Everything that elements of a case began.
final class OperationWatch {
    private let book: LawBook
    private(set) var all: [LawOperation] = []

    init(book: LawBook) { self.book = book }

    func add(_ operation: LawOperation) { all.append(operation) }

    /// The last one of an element that is not over.
    func last(_ element: Int, _ kinds: LawOperation.Kind...) -> LawOperation? {
        all.last { $0.element == element && kinds.contains($0.kind) && !$0.isOver && $0.number != 0 }
    }

    /// A slot is dropped: nothing that names it is open, but timers, which are not heard of any more.
    func dropped(_ conn: catena_conn, leg: catena_leg) {
        for operation in all where !operation.isOver && (leg == 0 ? operation.conn == conn : operation.leg == leg) {
            switch operation.kind {
            case .timer: operation.isOver = true
            case .post: break
            case .event, .client:
                book.violate(4, "a slot of conn \(conn) leg \(leg) is dropped while \(operation.kind) of e\(operation.element) is open")
            }
        }
    }

    /// Lets go of everybody who waits for something.
    func forget() { all = [] }

    /// The case is over.
    ///
    /// - Parameter isUnseen: is the end of this incarnation nothing that an element sees?
    func end(_ isUnseen: (catena_conn) -> Bool) {
        // The end of a leg without slots is not seen here, nor that of a record where nothing was below the anchor; a timer that it
        // had is not heard of again.
        for operation in all where !operation.isOver && !(operation.kind == .timer && (operation.leg != 0 || isUnseen(operation.conn))) {
            book.violate(6, "\(operation.kind) of e\(operation.element) for conn \(operation.conn) never ended")
        }
    }
}
