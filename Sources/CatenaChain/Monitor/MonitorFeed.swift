// SPDX-License-Identifier: Apache-2.0
// What a served chain lets others see of its connections: those that are there, and each change in its order. One lock makes one order
// of snapshots and changes; what a subscriber does with its news is its own affair, so that a slow one slows nobody.

internal import CatenaABI
internal import Synchronization

/// The connections that a chain has published, and who is told of them. Any thread.
package final class MonitorFeed: Sendable {
    /// Of how many connections a subscriber may leave news unread.
    package let queue: Int
    /// The number of the element that publishes.
    let server: Int
    private let state = Mutex(State())

    /// Unchecked, because messages are no Sendable type: these are touched under the lock only.
    private struct State: @unchecked Sendable {
        /// By incarnation, of which an id has one at a time.
        var entries: [UInt64: Entry] = [:]
        var subscribers = MonitorSubscribers()
        var isOver = false
    }

    /// One connection that is there, as it was published last.
    private final class Entry {
        let connection: Connection
        private var message: OwnedMessage

        init(_ connection: Connection, _ shown: OpaquePointer) {
            self.connection = connection
            message = OwnedMessage(cloneOf: shown, api: connection.chain.engine.messages)
            // Not the memory of the call, which has room for edits.
            replace(shown)
        }

        var shown: MonitoredConnection { MonitoredConnection(connection, message.pointer) }

        func replace(_ newer: OpaquePointer) {
            if !message.become(newer) { message = OwnedMessage(cloneOf: newer, api: connection.chain.engine.messages) }
        }
    }

    /// - Parameter queue: 0: the 4,096 that catena.h names.
    init(server: Int, queue: UInt32) {
        self.server = server
        self.queue = queue == 0 ? 4096 : Int(queue)
    }

    // MARK: What subscribers do

    /// Begins to tell a subscriber: of all that is there and that it wants, then that this was all, then of each change. It has heard
    /// of what is there when this returns. Of a chain that has stopped it hears that this is over.
    package func subscribe(_ subscriber: any MonitorSubscriber) {
        state.withLock { state in
            guard !state.isOver else { return subscriber.hear(.over) }
            state.subscribers.add(subscriber)
            for entry in state.entries.values where subscriber.wants(entry.shown.message) { subscriber.hear(.present(entry.shown)) }
            subscriber.hear(.complete)
        }
    }

    /// Tells it nothing more. Nothing happens if it is no subscriber.
    package func unsubscribe(_ subscriber: any MonitorSubscriber) {
        state.withLock { $0.subscribers.remove(subscriber) }
    }

    /// How many are told.
    package var subscriberCount: Int { state.withLock { $0.subscribers.count } }

    // MARK: What the chain does

    /// The connection is as the message says. On its loop, while the incarnation lives.
    func update(_ connection: Connection, _ message: OpaquePointer) {
        state.withLock { state in
            guard !state.isOver else { return }
            let entry: Entry
            if let known = state.entries[connection.number] {
                entry = known
                entry.replace(message)
            } else {
                entry = Entry(connection, message)
                state.entries[connection.number] = entry
            }
            guard state.subscribers.count > 0 else { return }
            let shown = entry.shown
            state.subscribers.forEach(concernedBy: [shown.message], connection.chain.engine.messages) { subscriber in
                if subscriber.wants(shown.message) { subscriber.hear(.update(shown)) }
            }
        }
    }

    /// The connection was closed, and was last as the message says. On its loop. Of one that was never published, or is gone already,
    /// nobody is told: nobody knows of it.
    func delete(_ connection: Connection, _ message: OpaquePointer) {
        remove(connection.number, tells: true, last: message)
    }

    /// The incarnation has ended. Whoever still thinks that it is there is told, but for an end that is none to the next hop.
    func ended(_ incarnation: UInt64, _ reason: catena_reason) {
        remove(incarnation, tells: reason != CATENA_HANDED_OVER && reason != CATENA_STOPPING, last: nil)
    }

    /// The state of a connection as it was published last; nil: it was not.
    func state(of connection: Connection) -> UInt32? {
        state.withLock { state in
            state.entries[connection.number].map { connection.chain.engine.messages.pointee.number($0.shown.message, CATENA_F_STATE) }
        }
    }

    private func remove(_ incarnation: UInt64, tells: Bool, last: OpaquePointer?) {
        state.withLock { state in
            guard let entry = state.entries.removeValue(forKey: incarnation), tells, state.subscribers.count > 0 else { return }
            let before = entry.shown, shown = last.map { MonitoredConnection(entry.connection, $0) } ?? before
            // Who was told of it as it was before is told of its end, whatever the Close says.
            state.subscribers.forEach(concernedBy: [before.message, shown.message], entry.connection.chain.engine.messages) { subscriber in
                if subscriber.wants(before.message) || subscriber.wants(shown.message) { subscriber.hear(.delete(shown)) }
            }
        }
    }

    /// The chain stops: every subscriber is told, now or when it comes.
    func end() {
        state.withLock { state in
            state.isOver = true
            for subscriber in state.subscribers.all { subscriber.hear(.over) }
            state.subscribers = MonitorSubscribers()
            state.entries = [:]
        }
    }
}
