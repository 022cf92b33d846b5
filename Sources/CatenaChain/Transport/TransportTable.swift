// SPDX-License-Identifier: Apache-2.0
// Transports are shared by URL and counted by reference. A reference is an object of its own with a number, so giving one back
// twice is noticed and harmless, and no count can go below zero.

internal import CatenaABI
internal import Synchronization

/// One counted reference to a transport.
final class TransportReference: Sendable {
    /// What elements know it by; written once, before anyone else sees the object.
    nonisolated(unsafe) fileprivate(set) var number: UInt64 = 0
    let shared: SharedTransport
    private let table: TransportTable
    private let isReleased = Atomic<Bool>(false)
    private let isTaken = Atomic<Bool>(false)

    fileprivate init(shared: SharedTransport, table: TransportTable) {
        self.shared = shared
        self.table = table
    }

    /// It belongs to a leg, or to whoever gives it back, from now on.
    ///
    /// - Returns: false if it does already: the number was used twice.
    func take() -> Bool { !isTaken.exchange(true, ordering: .relaxed) }

    /// Gives the reference back.
    ///
    /// - Returns: false if that was done before.
    @discardableResult
    func release() -> Bool {
        guard !isReleased.exchange(true, ordering: .relaxed) else { return false }
        table.release(self)
        return true
    }
}

/// A transport and who may still find it.
final class SharedTransport: Sendable {
    let url: String
    let transport: any Transport
    /// What the next hop says by itself.
    let streams: WatchStreams
    fileprivate let references = Atomic<Int>(0)
    private let retired = Atomic<Bool>(false)

    fileprivate init(url: String, transport: any Transport) {
        self.url = url
        self.transport = transport
        streams = WatchStreams(of: transport)
    }

    var isRetired: Bool { retired.load(ordering: .relaxed) }
    fileprivate func retire() { retired.store(true, ordering: .relaxed) }

    /// CATENA_TRANSPORT_...
    var state: UInt32 { isRetired ? CATENA_TRANSPORT_RETIRED : transport.state }
}

/// All transports of an engine.
final class TransportTable: Sendable {
    private struct State {
        var byURL: [String: SharedTransport] = [:]
        var references = NumberedTable<TransportReference>()
        var waiters: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())
    private let factory: any TransportFactory

    init(factory: any TransportFactory) {
        self.factory = factory
    }

    /// One more reference to the transport of this URL, which is made if need be.
    ///
    /// - Returns: nil if the URL is not one, or there are too many references.
    func acquire(url: String, options: TransportOptions) -> TransportReference? {
        state.withLock { state in
            let shared: SharedTransport
            if !options.isExclusive, let known = state.byURL[url] {
                shared = known
            } else {
                guard let transport = factory.makeTransport(url: url, options: options) else { return nil }
                shared = SharedTransport(url: url, transport: transport)
                if !options.isExclusive { state.byURL[url] = shared }
            }
            let reference = makeReference(shared, &state)
            guard reference.number != 0 else {
                shared.references.wrappingSubtract(1, ordering: .relaxed)
                return nil
            }
            return reference
        }
    }

    private func makeReference(_ shared: SharedTransport, _ state: inout State) -> TransportReference {
        let reference = TransportReference(shared: shared, table: self)
        // 0 past 16 million: no element can name it.
        reference.number = state.references.insert(reference) ?? 0
        shared.references.wrappingAdd(1, ordering: .relaxed)
        return reference
    }

    /// One more reference to the transport that somebody holds, whether newcomers get it or not.
    func share(_ reference: TransportReference) -> TransportReference {
        state.withLock { makeReference(reference.shared, &$0) }
    }

    func find(_ number: UInt64) -> TransportReference? {
        state.withLock { $0.references.find(number) }
    }

    /// CATENA_TRANSPORT_... of the transport that somebody holds; nil: nobody does.
    func state(of number: UInt64) -> UInt32? {
        state.withLock { $0.references.lent(number)?._withUnsafeGuaranteedRef { $0.shared.state } }
    }

    /// Newcomers get another transport; those who hold this one keep it.
    func retire(_ reference: TransportReference) {
        state.withLock { state in
            reference.shared.retire()
            if state.byURL[reference.shared.url] === reference.shared { state.byURL[reference.shared.url] = nil }
        }
    }

    fileprivate func release(_ reference: TransportReference) {
        let shared = reference.shared
        let (isLast, waiters) = state.withLock { state -> (Bool, [@Sendable () -> Void]) in
            _ = state.references.remove(reference.number)
            let isLast = shared.references.wrappingSubtract(1, ordering: .relaxed).newValue == 0
            if isLast, state.byURL[shared.url] === shared { state.byURL[shared.url] = nil }
            guard !state.waiters.isEmpty, state.references.count == 0 else { return (isLast, []) }
            defer { state.waiters = [] }
            return (isLast, state.waiters)
        }
        if isLast { shared.transport.close() }
        for waiter in waiters { waiter() }
    }

    /// Closes what is still held, so that whoever waits for an answer of it is told that there is none.
    ///
    /// - Parameter done: told when nobody holds a transport any more; at once if nobody does.
    func closeAll(_ done: @escaping @Sendable () -> Void) {
        let held = state.withLock { state in
            let held = state.references.values.map(\.shared)
            if !held.isEmpty { state.waiters.append(done) }
            return held
        }
        guard !held.isEmpty else { return done() }
        var seen: Set<ObjectIdentifier> = []
        for shared in held where seen.insert(ObjectIdentifier(shared)).inserted { shared.transport.close() }
    }

    /// Transports that somebody holds, with their states and reference counts.
    func all() -> [(url: String, state: UInt32, references: Int)] {
        state.withLock { state in
            var seen: Set<ObjectIdentifier> = []
            return state.references.values.compactMap { reference in
                let shared = reference.shared
                guard seen.insert(ObjectIdentifier(shared)).inserted else { return nil }
                return (shared.url, shared.state, shared.references.load(ordering: .relaxed))
            }.sorted { $0.url < $1.url }
        }
    }
}
