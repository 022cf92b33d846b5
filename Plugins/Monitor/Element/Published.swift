// SPDX-License-Identifier: Apache-2.0
// What subscribers know of one connection, so that they are told again only when something is new. The next hop's word is taken for
// what it knows: whether the connection is up, and what has changed beyond; what this host has made of the rest stays.
public import CatenaElement

/// What was published of a connection, and the watch of its next hop.
public final class Published: Slot {
    var watch: NextHopWatch?
    /// As it was published last; nil: it was not.
    private var shown: OwnedMessage?
    /// As the next hop reported it last, while it was up; nil: it has not.
    private var reported: OwnedMessage?
    /// A Request has succeeded since: what is reported next is what that has made, and no news.
    private var isStale = false

    /// Nothing.
    public init() {}

    /// A Request has succeeded, and its connection was published.
    func show(_ message: borrowing Message) throws(ElementError) {
        shown = try message.copy()
        isStale = true
    }

    /// Publishes what the next hop says, if it is new.
    func relay(_ sighting: borrowing Sighting, _ publish: (borrowing Message) -> Void) throws(ElementError) {
        guard let next = try copyOfShown() else { return }
        try bring(next, upTo: sighting)
        guard differs(next.message) else { return }
        publish(next.message)
        shown = consume next
    }

    private func bring(_ next: borrowing OwnedMessage, upTo sighting: borrowing Sighting) throws(ElementError) {
        // Down, deleted, lost or missing: whoever uses it through this host cannot.
        guard sighting.sight == .up else { return next.message.state = .down }
        _ = try sighting.withConnection { (connection) throws(ElementError) in try update(next.message, connection) }
        next.message.state = .up
    }

    /// Takes over what has changed beyond the next hop.
    private func update(_ message: borrowing Message, _ connection: borrowing Message) throws(ElementError) {
        if !isStale || message.state == .down {
            let index = message.pathIndex
            for field in [MessageField.path, .context] where connection.bytes(field) != reportedBytes(field) {
                try message.take(field, from: connection)
            }
            message.pathIndex = index
        }
        reported = try connection.copy()
        isStale = false
    }

    private func copyOfShown() throws(ElementError) -> OwnedMessage? {
        switch shown {
        case .some(let shown): try shown.message.copy()
        case .none: nil
        }
    }

    private func reportedBytes(_ field: MessageField) -> [UInt8]? {
        switch reported {
        case .some(let reported): reported.message.bytes(field)
        case .none: nil
        }
    }

    private func differs(_ message: borrowing Message) -> Bool {
        switch shown {
        case .some(let shown): !shown.message.isEqual(to: message)
        case .none: true
        }
    }
}
