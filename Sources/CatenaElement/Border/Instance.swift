// SPDX-License-Identifier: Apache-2.0
// What the host's `self` points to. C calls one function per hook for all elements; the way back to the element's own type
// is a metatype per hook, made once. A metatype is plain data, so that a hop costs one witness call, no cast and no
// reference counting, which an existential in the same place would.
internal import CatenaABI

/// One instance of an element type; in memory of its own from create to destroy, never changed in between.
struct Instance {
    let services: UnsafeMutablePointer<Services>
    /// The element, with one reference held.
    let element: UnsafeMutableRawPointer
    let elementType: any ChainElement.Type
    let request: (any RequestHook.Type)?
    let requestReply: (any RequestReplyHook.Type)?
    let close: (any CloseHook.Type)?
    let closeReply: (any CloseReplyHook.Type)?
    let cancel: (any CancelHook.Type)?
    let connectionDrop: (any ConnectionDropHook.Type)?
    let asyncRequest: (any AsyncRequestHook.Type)?
    let asyncClose: (any AsyncCloseHook.Type)?
    let start: (any StartHook.Type)?
    let stop: (any StopHook.Type)?

    /// Takes the services over.
    init<Element: ChainElement>(_ element: Element, _ services: UnsafeMutablePointer<Services>) {
        self.services = services
        self.element = Unmanaged.passRetained(element).toOpaque()
        elementType = Element.self
        request = Element.self as? any RequestHook.Type
        requestReply = Element.self as? any RequestReplyHook.Type
        close = Element.self as? any CloseHook.Type
        closeReply = Element.self as? any CloseReplyHook.Type
        cancel = Element.self as? any CancelHook.Type
        connectionDrop = Element.self as? any ConnectionDropHook.Type
        asyncRequest = Element.self as? any AsyncRequestHook.Type
        asyncClose = Element.self as? any AsyncCloseHook.Type
        start = Element.self as? any StartHook.Type
        stop = Element.self as? any StopHook.Type
    }

    /// What the host gets as `self`, until ``destroy(_:)``.
    func atRest() -> UnsafeMutableRawPointer {
        let place = UnsafeMutablePointer<Instance>.allocate(capacity: 1)
        place.initialize(to: self)
        return UnsafeMutableRawPointer(place)
    }

    @inline(__always)
    static func at(_ pointer: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Instance> {
        pointer.assumingMemoryBound(to: Instance.self)
    }

    /// The last call for this instance. The element goes first: it may use its host in deinit.
    static func destroy(_ pointer: UnsafeMutableRawPointer) {
        let place = at(pointer)
        let services = place.pointee.services
        Unmanaged<AnyObject>.fromOpaque(place.pointee.element).release()
        place.deinitialize(count: 1)
        place.deallocate()
        services.deinitialize(count: 1)
        services.deallocate()
    }

    var host: Host {
        @inline(__always) get { Host(services) }
    }

    func dropCallSlot(_ memory: UnsafeMutableRawPointer) {
        Self.drop(memory, of: elementType)
    }

    func dropConnectionSlot(_ memory: UnsafeMutableRawPointer, of number: UInt64, why: Reason) {
        guard let connectionDrop, let connection = Connection(number) else { return Self.dropConnection(memory, of: elementType) }
        Self.tell(connectionDrop, element, memory, connection, why)
    }

    private static func drop<E: ChainElement>(_ memory: UnsafeMutableRawPointer, of type: E.Type) {
        _ = SlotMemory<E.CallSlot>(memory)?.take()
    }

    private static func dropConnection<E: ChainElement>(_ memory: UnsafeMutableRawPointer, of type: E.Type) {
        _ = SlotMemory<E.ConnectionSlot>(memory)?.take()
    }

    private static func tell<H: ConnectionDropHook>(
        _ type: H.Type, _ element: UnsafeMutableRawPointer, _ memory: UnsafeMutableRawPointer, _ connection: Connection, _ why: Reason
    ) {
        guard let slot = SlotMemory<H.ConnectionSlot>(memory)?.take() else { return }
        Unmanaged<H>.fromOpaque(element).takeUnretainedValue().connectionDropped(slot, of: connection, why: why)
    }
}
