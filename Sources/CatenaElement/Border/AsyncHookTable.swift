// SPDX-License-Identifier: Apache-2.0
// The C side of the async hooks: a task per call, named in the last bytes of the call slot, so that a cancel finds it
// without a table.
internal import CatenaABI

/// The task of a call, in the call slot behind the element's own value. Zero bytes are nil.
struct AsyncPlace {
    /// Bytes that an element with async hooks needs beside its own.
    static let size = 16

    private let place: UnsafeMutablePointer<Task<Void, Never>?>

    init<Element: ChainElement>(_ slot: UnsafeMutableRawPointer, of type: Element.Type) {
        place = (slot + SlotMemory<Element.CallSlot>.size).assumingMemoryBound(to: Task<Void, Never>?.self)
    }

    var task: Task<Void, Never>? {
        get { place.pointee }
        nonmutating set { place.pointee = newValue }
    }

    static func isNeeded(by type: any ChainElement.Type) -> Bool {
        type is any AsyncRequestHook.Type || type is any AsyncCloseHook.Type
    }
}

extension catena_type {
    /// Enters the async hooks of an element type, and the cancel hook they need.
    mutating func enterAsyncHooks<Element: ChainElement>(of type: Element.Type) {
        guard AsyncPlace.isNeeded(by: type) else { return }
        call_slot_size += UInt32(AsyncPlace.size)
        if type is any AsyncRequestHook.Type {
            request = { instance, hop in
                guard let instance, let hop else { return CATENA_NEXT }
                return Instance.at(instance).pointee.beginRequest(hop)
            }
        }
        if type is any AsyncCloseHook.Type {
            close = { instance, hop in
                guard let instance, let hop else { return CATENA_NEXT }
                return Instance.at(instance).pointee.beginClose(hop)
            }
        }
        cancel = { instance, hop in
            guard let instance, let hop else { return }
            Instance.at(instance).pointee.cancelAsync(hop)
        }
        call_dropped = { instance, slot in
            guard let instance, let slot else { return }
            Instance.at(instance).pointee.dropAsync(slot)
        }
    }
}

extension Instance {
    func beginRequest(_ hop: UnsafePointer<catena_hop>) -> catena_verdict {
        guard let type = asyncRequest else { return CATENA_NEXT }
        return Self.begin(type, element, hop, host)
    }

    func beginClose(_ hop: UnsafePointer<catena_hop>) -> catena_verdict {
        guard let type = asyncClose else { return CATENA_NEXT }
        return Self.begin(type, element, hop, host)
    }

    func cancelAsync(_ hop: UnsafePointer<catena_hop>) {
        if let slot = hop.pointee.call_slot { AsyncPlace(slot, of: elementType).task?.cancel() }
    }

    func dropAsync(_ slot: UnsafeMutableRawPointer) {
        AsyncPlace(slot, of: elementType).task = nil
        dropCallSlot(slot)
    }

    private static func begin<H: AsyncRequestHook>(
        _ type: H.Type, _ element: UnsafeMutableRawPointer, _ hop: UnsafePointer<catena_hop>, _ host: Host
    ) -> catena_verdict {
        let element = Unmanaged<H>.fromOpaque(element).takeUnretainedValue()
        let entry = AsyncEntry(hop, host)
        let task = Task.immediate { await entry.resume { try await element.request(AsyncCall(entry)) } }
        AsyncPlace(hop.pointee.call_slot, of: type).task = task
        return CATENA_PENDING
    }

    private static func begin<H: AsyncCloseHook>(
        _ type: H.Type, _ element: UnsafeMutableRawPointer, _ hop: UnsafePointer<catena_hop>, _ host: Host
    ) -> catena_verdict {
        let element = Unmanaged<H>.fromOpaque(element).takeUnretainedValue()
        let entry = AsyncEntry(hop, host)
        let task = Task.immediate { await entry.resume { try await element.close(AsyncCall(entry)) } }
        AsyncPlace(hop.pointee.call_slot, of: type).task = task
        return CATENA_PENDING
    }
}
