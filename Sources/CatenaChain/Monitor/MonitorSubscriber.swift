// SPDX-License-Identifier: Apache-2.0
// Who hears of the connections of a chain, and what it hears. The engine knows no selector and no wire: a subscriber says itself which
// connections it wants to hear of.

/// One that is told of a chain's connections.
///
/// It is told from any thread, one piece of news at a time and in their order, while the feed is held: it must not wait, and must not
/// call the feed.
package protocol MonitorSubscriber: AnyObject, Sendable {
    /// An id that some segment of the path of each connection has that it wants to hear of; nil: there is none. Always the same.
    var segmentID: String? { get }

    /// Whether it wants to hear of a connection that looks like this. The message is lent for the length of the call.
    func wants(_ message: OpaquePointer) -> Bool

    /// Tells it. What is in the news is lent for the length of the call.
    func hear(_ news: MonitorNews)
}

extension MonitorSubscriber {
    package var segmentID: String? { nil }
}

/// What a subscriber is told.
package enum MonitorNews {
    /// It was there already when the subscription began.
    case present(MonitoredConnection)
    /// That was all that was there. Comes once, before any update.
    case complete
    case update(MonitoredConnection)
    /// It was closed, or has ended; the message is as it was last.
    case delete(MonitoredConnection)
    /// The chain has stopped. Nothing follows.
    case over
}

/// A connection of a monitored chain, as a subscriber is lent it.
package struct MonitoredConnection {
    private let connection: Connection
    /// Whoever keeps it takes a clone, or its shared bytes.
    package let message: OpaquePointer

    init(_ connection: Connection, _ message: OpaquePointer) {
        self.connection = connection
        self.message = message
    }

    /// The connection's id in this chain.
    package var id: String { connection.idText }
}
