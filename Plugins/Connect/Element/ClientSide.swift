// SPDX-License-Identifier: Apache-2.0
// What `connect` knows of one connection. It is a class, because completions of client calls reach it after the hook that
// began them has returned; all of them run on the connection's loop.
public import CatenaElement

/// The client side of one connection.
public final class ClientSide: Slot {
    /// What is open at the next hop. It changes in one assignment, so that it always names what is really open.
    private var opened: Opened?
    /// The call that is under way, and how to cancel it.
    private(set) var current: (ticket: Ticket, operation: Operation)?
    /// Calls that came meanwhile, in their order.
    private var waiting: [ClientCall] = []

    public init() {}

    /// A leg whose Request has succeeded.
    struct Opened: ~Copyable {
        /// Which leg, where to, and who hears the answers of the Requests that follow.
        let refresh: Refresh
        /// The last connection as the next hop returned it.
        var last: OwnedMessage
        /// What is at the other end of the leg.
        var end = FarEnd.open
    }

    /// What the next hop has of a leg.
    enum FarEnd {
        /// What it answered last.
        case open
        /// Nothing: it was told to close it, as another endpoint is to be chosen. The leg waits for the Request that does so.
        case closed
        /// It was told so, but may have it all the same, or something of a Request since.
        case unsure
    }

    // MARK: What is open

    /// Who sends Requests over the leg that is open, wherever it goes.
    var refresh: Refresh? { opened?.refresh }

    /// What is at the other end of the leg; nil: nothing is open.
    var end: FarEnd? { opened?.end }

    /// The Request that goes over the open leg: like the last one, or like a first one if that was closed for another endpoint. nil:
    /// nothing is open.
    func nextRequest(from server: borrowing Message, _ rule: ClientRequest) throws(ElementError) -> OwnedMessage? {
        if let end, end != .open { return try rule.first(from: server) }
        return try opened?.last.request(from: server, rule)
    }

    /// A copy of the last client connection; nil: nothing is open.
    func copyOfLast() throws(ElementError) -> OwnedMessage? {
        try opened?.last.message.copy()
    }

    /// Puts in what is open now and takes out what was before.
    func replace(with opened: consuming Opened?) -> Opened? {
        let before = self.opened.take()
        self.opened = opened
        return before
    }

    /// The next hop has answered again over the open leg.
    func refreshed(_ answer: borrowing Message) throws(ElementError) {
        try opened?.last.become(answer)
        opened?.end = .open
    }

    /// A Request over the open leg has failed.
    /// - Parameter isKnown: the next hop has said no.
    func failed(isKnown: Bool) {
        if opened?.end == .closed, !isKnown { opened?.end = .unsure }
    }

    /// What was open has been closed for another endpoint.
    /// - Parameter isKnown: the next hop has said yes.
    func closedForAnother(isKnown: Bool) { opened?.end = isKnown ? .closed : .unsure }

    // MARK: One at a time

    /// A call has begun at the next hop.
    func begins(_ ticket: Ticket, _ operation: Operation) { current = (ticket, operation) }

    /// It has ended.
    func ends() { current = nil }

    func wait(_ call: ClientCall) { waiting.append(call) }

    /// The one that has waited longest, if nobody is before it.
    func takeNext() -> ClientCall? {
        current == nil && !waiting.isEmpty ? waiting.removeFirst() : nil
    }

    /// Takes a call out that waits.
    /// - Returns: false: it does not.
    func withdraw(_ ticket: Ticket) -> Bool {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return false }
        waiting.remove(at: index)
        return true
    }
}

extension OwnedMessage {
    fileprivate borrowing func become(_ other: borrowing Message) throws(ElementError) { try message.take(.request, from: other) }

    fileprivate borrowing func request(from server: borrowing Message, _ rule: ClientRequest) throws(ElementError) -> OwnedMessage {
        try rule.next(from: server, last: message)
    }
}
