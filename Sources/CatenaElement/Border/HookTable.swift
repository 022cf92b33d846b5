// SPDX-License-Identifier: Apache-2.0
// The C side of the hooks: functions that capture nothing and are the same for every element type. Which of them a type
// has is decided once, from the protocols it conforms to.
internal import CatenaABI

extension catena_type {
    /// Enters the hooks of an element type; the others stay NULL.
    mutating func enterHooks<Element: ChainElement>(of type: Element.Type) {
        destroy = { instance in
            guard let instance else { return }
            Instance.destroy(instance)
        }
        if type is any StartHook.Type {
            start = { instance, done, context in
                guard let instance, let finished = Finished(done, context) else { return }
                Instance.at(instance).pointee.start(finished)
            }
        }
        if type is any StopHook.Type {
            stop = { instance, done, context in
                guard let instance, let finished = Finished(done, context) else { return }
                Instance.at(instance).pointee.stop(finished)
            }
        }
        if type is any RequestHook.Type {
            request = { instance, hop in
                guard let instance, let hop else { return CATENA_NEXT }
                let own = Instance.at(instance)
                guard let type = own.pointee.request else { return CATENA_NEXT }
                return answer(type, own.pointee.element, hop, own.pointee.host)
            }
        }
        if type is any RequestReplyHook.Type {
            request_reply = { instance, hop, below in
                guard let instance, let hop else { return CATENA_NEXT }
                let own = Instance.at(instance)
                guard let type = own.pointee.requestReply else { return CATENA_NEXT }
                return answer(type, own.pointee.element, hop, below, own.pointee.host)
            }
        }
        if type is any CloseHook.Type {
            close = { instance, hop in
                guard let instance, let hop else { return CATENA_NEXT }
                let own = Instance.at(instance)
                guard let type = own.pointee.close else { return CATENA_NEXT }
                return answer(type, own.pointee.element, hop, own.pointee.host)
            }
        }
        if type is any CloseReplyHook.Type {
            close_reply = { instance, hop, below in
                guard let instance, let hop else { return CATENA_NEXT }
                let own = Instance.at(instance)
                guard let type = own.pointee.closeReply else { return CATENA_NEXT }
                return answer(type, own.pointee.element, hop, below, own.pointee.host)
            }
        }
        if type is any CancelHook.Type {
            cancel = { instance, hop in
                guard let instance, let hop else { return }
                let own = Instance.at(instance)
                guard let type = own.pointee.cancel else { return }
                tell(type, own.pointee.element, hop, own.pointee.host)
            }
        }
        if !SlotMemory<Element.CallSlot>.isTrivial {
            call_dropped = { instance, slot in
                guard let instance, let slot else { return }
                Instance.at(instance).pointee.dropCallSlot(slot)
            }
        }
        if type is any ConnectionDropHook.Type || !SlotMemory<Element.ConnectionSlot>.isTrivial {
            conn_dropped = { instance, connection, slot, why in
                guard let instance, let slot else { return }
                Instance.at(instance).pointee.dropConnectionSlot(slot, of: connection, why: Reason(rawValue: why))
            }
        }
    }
}

// Opening the metatype gives Hop its element type again; the element is borrowed, as the host keeps it alive.

private typealias RawHop = UnsafePointer<catena_hop>
private typealias RawError = UnsafePointer<catena_error>?

private func answer<H: RequestHook>(_ type: H.Type, _ element: UnsafeMutableRawPointer, _ hop: RawHop, _ host: Host) -> catena_verdict {
    Unmanaged<H>.fromOpaque(element)._withUnsafeGuaranteedRef { $0.request(Hop(hop, host)).told(to: host, hop) }
}

private func answer<H: RequestReplyHook>(
    _ type: H.Type, _ element: UnsafeMutableRawPointer, _ hop: RawHop, _ below: RawError, _ host: Host
) -> catena_verdict {
    Unmanaged<H>.fromOpaque(element)._withUnsafeGuaranteedRef {
        $0.requestReply(Hop(hop, host), below: Outcome(below)).told(to: host, hop)
    }
}

private func answer<H: CloseHook>(_ type: H.Type, _ element: UnsafeMutableRawPointer, _ hop: RawHop, _ host: Host) -> catena_verdict {
    Unmanaged<H>.fromOpaque(element)._withUnsafeGuaranteedRef { $0.close(Hop(hop, host)).told(to: host, hop) }
}

private func answer<H: CloseReplyHook>(
    _ type: H.Type, _ element: UnsafeMutableRawPointer, _ hop: RawHop, _ below: RawError, _ host: Host
) -> catena_verdict {
    Unmanaged<H>.fromOpaque(element)._withUnsafeGuaranteedRef {
        $0.closeReply(Hop(hop, host), below: Outcome(below)).told(to: host, hop)
    }
}

private func tell<H: CancelHook>(_ type: H.Type, _ element: UnsafeMutableRawPointer, _ hop: RawHop, _ host: Host) {
    Unmanaged<H>.fromOpaque(element)._withUnsafeGuaranteedRef { $0.cancel(Hop(hop, host)) }
}

extension Verdict {
    /// The number for C; an error is told to the host first.
    @inline(__always)
    fileprivate func told(to host: Host, _ hop: UnsafePointer<catena_hop>) -> catena_verdict {
        switch self {
        case .next: return CATENA_NEXT
        case .done: return CATENA_DONE
        case .pending: return CATENA_PENDING
        case .again: return CATENA_AGAIN
        case .fail(let error):
            error.withC { host.pointer.pointee.set_error(host.pointer, hop.pointee.call, $0) }
            return CATENA_FAIL
        }
    }
}
