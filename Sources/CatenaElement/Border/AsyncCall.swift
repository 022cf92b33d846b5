// SPDX-License-Identifier: Apache-2.0
// A call at an async hook. It is lent for as long as the hook's task owes its verdict: the header leaves message and call to
// a pending element until it resumes, which the kit does when the function has returned.
internal import CatenaABI

/// One call as one async hook sees it. It cannot be copied, kept or handed to another task.
public struct AsyncCall<Element: ChainElement>: ~Copyable {
    private let entry: AsyncEntry

    init(_ entry: AsyncEntry) { self.entry = entry }

    /// No open connection yet: a failure is rolled back. In a chain without an anchor: every Request.
    public var isFirst: Bool { entry.flags & CATENA_HOP_FIRST != 0 }
    /// An element began it: there is no caller.
    public var isEvent: Bool { entry.flags & CATENA_HOP_EVENT != 0 }
    /// Of a Close: the host has an open connection for it.
    public var isKnown: Bool { entry.flags & CATENA_HOP_KNOWN != 0 }
    /// nil above the anchor and in a chain without one.
    public var connection: Connection? { Connection(entry.connection) }
    /// On the clock of ``Host/now``; nil: none.
    public var deadline: UInt64? { entry.deadline == 0 ? nil : entry.deadline }
    /// Of a Close or an event.
    public var reason: Reason { Reason(rawValue: entry.reason) }
    /// For log lines and client calls. The kit resumes it, and nobody else should.
    public var ticket: Ticket { entry.ticket }

    /// The call's own message, changed in place.
    public var message: Message {
        _read { yield Message(entry.message, entry.ticket.host) }
    }

    /// The connection's loop and slot: `try await call.home?.run { slot in … }`. nil above the anchor.
    public var home: Home<Element>? {
        connection.map { Home(connection: $0, leg: Leg(entry.leg), host: entry.ticket.host) }
    }
}

/// What a task is given of the hop that began it.
///
/// Unchecked, because it holds the message's pointer: between the hook and the resume only the task has it.
struct AsyncEntry: @unchecked Sendable {
    let ticket: Ticket
    let flags: UInt32
    let reason: UInt32
    let connection: UInt64
    let leg: UInt64
    let deadline: UInt64
    let message: OpaquePointer

    init(_ hop: UnsafePointer<catena_hop>, _ host: Host) {
        ticket = Ticket(call: hop.pointee.call, host: host)
        flags = hop.pointee.flags
        reason = hop.pointee.reason
        connection = hop.pointee.conn
        leg = hop.pointee.leg
        deadline = hop.pointee.deadline_ns
        message = hop.pointee.message
    }

    /// The verdict that an async function has come to.
    func resume(_ body: () async throws -> Resumption) async {
        do {
            ticket.resume(try await body())
        } catch let error as ElementError {
            ticket.resume(.fail(error))
        } catch is CancellationError {
            ticket.resume(.fail(ElementError(.cancelled, "nobody waits for the answer any more")))
        } catch {
            ticket.resume(.fail(ElementError(.unknown, "\(error)")))
        }
    }
}
