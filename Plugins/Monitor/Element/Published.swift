// SPDX-License-Identifier: Apache-2.0
// What subscribers know of one connection, so that they are told again only when something is new. The next hop's word is taken for
// what it knows: whether the connection is up, and what has changed beyond; what this host has made of the rest stays.
public import CatenaElement

/// What was published of a connection, and the watch of its next hop.
public final class Published: Slot {
    var watch: NextHopWatch?
    /// As it was published last, where that is not what its last Request has answered.
    private var relayed: OwnedMessage?
    /// What the next hop has reported last, while the connection was up; nil: it has not.
    private var reported: Report?
    /// A Request has succeeded since: what is reported next is what that has made, and no news.
    private var isStale = false

    /// Nothing.
    public init() {}

    /// A Request has succeeded, and its connection was published.
    func requested() {
        relayed = nil
        isStale = true
    }

    /// Publishes what the next hop says, if it is new.
    /// - Parameter last: what the last Request has answered.
    func relay(
        _ sighting: borrowing Sighting, over last: borrowing Message, _ publish: (borrowing Message) -> Void
    ) throws(ElementError) {
        let next = try copyOfKnown(last)
        try bring(next, upTo: sighting)
        guard !isKnown(next.message, last) else { return }
        publish(next.message)
        relayed = consume next
    }

    private func bring(_ next: borrowing OwnedMessage, upTo sighting: borrowing Sighting) throws(ElementError) {
        // Down, deleted, lost or missing: whoever uses it through this host cannot.
        guard sighting.sight == .up else { return next.message.state = .down }
        _ = try sighting.withConnection { (connection) throws(ElementError) in try update(next.message, connection) }
        next.message.state = .up
    }

    /// Takes over what has changed beyond the next hop.
    private func update(_ message: borrowing Message, _ connection: borrowing Message) throws(ElementError) {
        let report = Report(connection)
        if !isStale || message.state == .down {
            let index = message.pathIndex
            if report.path != reported?.path { try message.take(.path, from: connection) }
            if report.context != reported?.context { try message.take(.context, from: connection) }
            message.pathIndex = index
        }
        reported = report
        isStale = false
    }

    private func copyOfKnown(_ last: borrowing Message) throws(ElementError) -> OwnedMessage {
        switch relayed {
        case .some(let relayed): try relayed.message.copy()
        case .none: try last.copy()
        }
    }

    private func isKnown(_ message: borrowing Message, _ last: borrowing Message) -> Bool {
        switch relayed {
        case .some(let relayed): relayed.message.isEqual(to: message)
        case .none: last.isEqual(to: message)
        }
    }
}

/// What a next hop says of the way beyond it, to be told from what it says later. A thousand connections have one each, so that it is no
/// copy.
private struct Report {
    let path: Int
    let context: Int

    init(_ connection: borrowing Message) {
        path = connection.bytes(.path).hashValue
        context = connection.bytes(.context).hashValue
    }
}
