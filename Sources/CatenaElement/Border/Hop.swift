// SPDX-License-Identifier: Apache-2.0
// A call at one element. It cannot be copied or kept, because what it lends ends with the hook; what may outlive the hook
// is the ticket.
public import CatenaABI

/// One call as one element sees it, for the length of one hook.
///
/// What it points to belongs to the element until the verdict. The type parameter names the element, so that its slots
/// have the types the element declares.
public struct Hop<Element: ChainElement>: ~Copyable {
    /// The hop as the header has it, for what this kit does not wrap.
    public let pointer: UnsafePointer<catena_hop>
    @usableFromInline let host: Host

    @inlinable
    init(_ pointer: UnsafePointer<catena_hop>, _ host: Host) {
        self.pointer = pointer
        self.host = host
    }

    /// No open connection yet: a failure is rolled back. In a chain without an anchor: every Request.
    @inlinable public var isFirst: Bool { pointer.pointee.flags & CATENA_HOP_FIRST != 0 }
    /// The caller left or time ran out, and it still counts here.
    @inlinable public var isCancelled: Bool { pointer.pointee.flags & CATENA_HOP_CANCELLED != 0 }
    /// An element began it: there is no caller.
    @inlinable public var isEvent: Bool { pointer.pointee.flags & CATENA_HOP_EVENT != 0 }
    /// Of a Close: the host has an open connection for it.
    @inlinable public var isKnown: Bool { pointer.pointee.flags & CATENA_HOP_KNOWN != 0 }

    /// nil above the anchor and in a chain without one.
    @inlinable public var connection: Connection? { Connection(pointer.pointee.conn) }
    /// In a client chain the leg this call belongs to.
    @inlinable public var leg: Leg? { Leg(pointer.pointee.leg) }
    /// On the clock of ``Host/now``, for this element; nil: none.
    @inlinable public var deadline: UInt64? { pointer.pointee.deadline_ns == 0 ? nil : pointer.pointee.deadline_ns }
    /// Of a Close or an event.
    @inlinable public var reason: Reason { Reason(rawValue: pointer.pointee.reason) }
    /// 1, 2, ... when an element above runs this part again.
    @inlinable public var attempt: Int { Int(pointer.pointee.attempt) }

    /// What this hook will be resumed by, if it answers ``Verdict/pending``.
    @inlinable public var ticket: Ticket { Ticket(call: pointer.pointee.call, host: host) }

    /// The call's own message, changed in place on both ways.
    @inlinable public var message: Message {
        _read { yield Message(pointer.pointee.message, host) }
    }

    /// The element's memory of this call.
    @inlinable public var callSlot: Element.CallSlot {
        _read {
            let place = SlotPlace<Element.CallSlot>(pointer.pointee.call_slot)
            defer { place.forget() }
            yield place.value.pointee
        }
        nonmutating _modify {
            let place = SlotPlace<Element.CallSlot>(pointer.pointee.call_slot)
            defer { place.forget() }
            yield &place.value.pointee
        }
    }

    /// The element's memory of this connection (in a client chain: of this leg). Where there is none, as for a Close of
    /// what was never open, a fresh one that is forgotten again.
    @inlinable public var connectionSlot: Element.ConnectionSlot {
        _read {
            let place = SlotPlace<Element.ConnectionSlot>(pointer.pointee.conn_slot)
            defer { place.forget() }
            yield place.value.pointee
        }
        nonmutating _modify {
            let place = SlotPlace<Element.ConnectionSlot>(pointer.pointee.conn_slot)
            defer { place.forget() }
            yield &place.value.pointee
        }
    }

    /// A context value, zero bytes where nobody wrote.
    @inlinable public subscript<Value>(_ value: LinkedValue<Value>) -> Value {
        get { pointer.pointee.values.load(fromByteOffset: value.offset, as: Value.self) }
        nonmutating set { pointer.pointee.values.storeBytes(of: newValue, toByteOffset: value.offset, as: Value.self) }
    }
}
