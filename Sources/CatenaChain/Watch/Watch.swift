// SPDX-License-Identifier: Apache-2.0
// One element's wish to hear of one connection at its next hop. It follows the connection's legs about, from stream to stream;
// it and the stream may be at home on two loops, and only this file and the stream's know it.

internal import CatenaABI

/// A watch. Its stream belongs to the home of its connection; what never changes is for both loops.
final class Watch: @unchecked Sendable {  // the sentence above
    let operation: Operation
    let subject: WatchSubject
    /// What a stream finds it by: the id in the path, "" where the subject says it all.
    let key: String
    private var stream: WatchStream?

    init(_ operation: Operation, _ subject: WatchSubject, key: String) {
        self.operation = operation
        self.subject = subject
        self.key = key
    }

    private var home: Home { operation.connection.home }

    /// Listens where the leg is just now. On the connection's loop.
    func attach() {
        let next = leg.map { $0.transport.shared.streams.stream(for: subject, at: home) }
        guard next !== stream else { return }
        detach()
        stream = next
        stream?.add(self)
    }

    /// Listens no more. On the connection's loop.
    func detach() {
        stream?.remove(self)
        stream = nil
    }

    /// The one that was named, or the last that has become open.
    private var leg: Leg? {
        let legs = operation.connection.legs
        guard operation.leg == 0 else { return legs.first { $0.number == operation.leg } }
        return legs.last { $0.isOpen && $0.isLive } ?? legs.last { $0.isKnown }
    }

    /// Something to tell. From the stream's loop.
    /// - Parameter message: borrowed.
    func tell(_ sight: catena_sight, _ message: OpaquePointer? = nil, _ error: CallError? = nil) {
        let operation = operation
        if home.loop.isCurrent, !home.isRunning { return home.enter { operation.see(sight, message, error) } }
        // Later: for the other loop, or when the hooks that run here have ended. The message is not there any more by then.
        let copy = message.map { Copy(OwnedMessage(cloneOf: $0, api: home.engine.messages)) }
        let job = { @Sendable in operation.see(sight, copy?.message.pointer, error) }
        if home.loop.isCurrent { home.ready(job) } else { home.post(job) }
    }

    /// A message that waits for its loop.
    private final class Copy: Sendable {
        let message: OwnedMessage
        init(_ message: consuming OwnedMessage) { self.message = message }
    }
}
