// SPDX-License-Identifier: Apache-2.0
// What a next hop says without being asked anew, as the engine sees it: one stream at a time, told to one listener. What is behind,
// a stream of gRPC or another chain of this host, is the business of whoever makes the transports.

internal import CatenaABI

/// What a stream is about.
package enum WatchSubject: Hashable, Sendable {
    /// Connections whose path has a segment of this name and, if one is given, this id.
    case connections(segment: String, id: String?)
    /// The health of a service; "" is the next hop as a whole.
    case health(service: String)
    /// Whether there is a way to the next hop; it is looked for.
    case presence
}

/// What a stream says.
package enum WatchNews {
    /// What follows, up to ``complete``, is all there is.
    case snapshot
    /// A connection as the next hop reports it. The message is borrowed.
    case connection(OpaquePointer)
    /// A connection that was closed there, as it was last. The message is borrowed.
    case deleted(OpaquePointer)
    /// The health of the service.
    case health(isServing: Bool)
    /// The snapshot has ended. For ``WatchSubject/presence``: there is a way.
    case complete
}

/// Who hears a stream. Told on the loop of the home that the stream was begun with, never inside ``Transport/watch(_:home:listener:)``.
package protocol WatchListener: AnyObject, Sendable {
    func heard(_ news: WatchNews)

    /// The stream has ended, also in good order. Once, and last; not after it was cancelled.
    func ended(_ failure: TransportFailure)
}

extension Transport {
    /// For a next hop that never says anything by itself.
    package func watch(_ subject: WatchSubject, home: Home, listener: any WatchListener) -> (any TransportCall)? { nil }
}
