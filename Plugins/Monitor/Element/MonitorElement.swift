// SPDX-License-Identifier: Apache-2.0
// Says on the way out what has become of a connection, and in between what the next hop says of it. What is published is what the
// caller gets, as the chain above changes nothing that others may see; nobody is told of a Request before it has succeeded.
public import CatenaElement

/// Publishes each connection of the chain to those who subscribe to MonitorConnections.
public final class MonitorElement: ChainElement, RequestReplyHook, CloseHook, CloseReplyHook {
    public typealias ConnectionSlot = Published

    public static let descriptor = ElementDescriptor(
        "monitor", summary: "tells subscribers of the chain's connections", traits: .needsAnchor, services: .monitor)

    private let host: Host

    public init(config: MonitorConfig, host: Host) throws(ConfigProblem) {
        self.host = host
        try host.monitor.serve(queue: config.queue)
    }

    /// After a Request that failed the connection is what it was, or was never there: nobody needs to be told.
    public func requestReply(_ hop: borrowing Hop<MonitorElement>, below: borrowing Outcome) -> Verdict {
        guard !below.failed, let connection = hop.connection else { return .next }
        host.monitor.publish(.update, hop.message, of: connection)
        hop.connectionSlot.requested()
        do throws(ElementError) {
            try watch(hop)
        } catch {
            host.log.write(.warning, "the next hop is not watched", of: hop.ticket, [LogField("error", "\(error)")])
        }
        return .next
    }

    /// What the next hop says of a connection that is being closed is no news.
    public func close(_ hop: borrowing Hop<MonitorElement>) -> Verdict {
        hop.connectionSlot.watch = nil
        return .next
    }

    /// A Close that failed is repeated by whoever began it, or by the host: nobody uses the connection any more.
    public func closeReply(_ hop: borrowing Hop<MonitorElement>, below: borrowing Outcome) -> Verdict {
        if let connection = hop.connection { host.monitor.publish(.delete, hop.message, of: connection) }
        return .next
    }

    /// Hears of the connection by the path segment under which the next hop knows this host. A connection without one is not watched.
    private func watch(_ hop: borrowing Hop<MonitorElement>) throws(ElementError) {
        guard hop.connectionSlot.watch == nil, let home = hop.home, let mine = hop.message.segment(at: hop.message.pathIndex) else { return }
        hop.connectionSlot.watch = try home.watchConnection(as: mine) { [host] published, sighting in
            do throws(ElementError) {
                // There is none while the first Request is on its way out: it may be undone still.
                try host.connections.withLast(of: home.connection) { (last) throws(ElementError) in
                    try published.relay(sighting, over: last) { host.monitor.publish(.update, $0, of: home.connection) }
                }
            } catch {
                host.log.write(.warning, "what the next hop says cannot be told", [LogField("error", "\(error)")])
            }
        }
    }
}
