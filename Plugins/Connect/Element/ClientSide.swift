// SPDX-License-Identifier: Apache-2.0
// What `connect` knows of one connection. It is a class, because completions of client calls reach it after the hook that
// began them has returned; all of them run on the connection's loop.
public import CatenaElement

/// The client side of one connection.
public final class ClientSide: Slot {
    /// What is open at the next hop. It changes in one assignment, so that it always names what is really open.
    private var opened: Opened?
    /// The client call under way.
    var operation: Operation?

    public init() {}

    /// A leg whose Request has succeeded.
    struct Opened: ~Copyable {
        let leg: Leg
        let url: ClientURL
        /// The last connection as the next hop returned it.
        var last: OwnedMessage
        /// Hears the answers of the Requests that follow.
        let refresh: Refresh
    }

    /// The leg that is open, wherever it goes.
    var leg: Leg? { opened?.leg }

    /// The leg that is open, if it goes to `url`.
    func leg(to url: ClientURL) -> Leg? {
        opened?.url == url ? opened?.leg : nil
    }

    /// The Request that goes over the open leg: like the last one. nil: nothing is open.
    func nextRequest(from server: borrowing Message) throws(ElementError) -> OwnedMessage? {
        try opened?.last.request(from: server)
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

    /// Who hears the answer of the Request that goes over the open leg; nil: there is none, or it still waits for another one.
    var refresh: Refresh? {
        guard let refresh = opened?.refresh, !refresh.isWaiting else { return nil }
        return refresh
    }

    /// The next hop has answered again over this leg, if it is still the one.
    func refreshed(_ leg: Leg, _ answer: borrowing Message) throws(ElementError) {
        guard self.leg == leg else { return }
        try opened?.last.become(answer)
    }
}

/// A leg whose first Request is under way. Only that one carries it, so that a refresh has nothing to keep but its ticket.
final class Opening {
    let url: ClientURL
    /// What a Close names, if the answer cannot be used.
    private var asked: OwnedMessage?

    init(_ request: borrowing Message, to url: ClientURL) throws(ElementError) {
        self.url = url
        asked = try request.copy()
    }

    /// What was asked, once.
    func takeAsked() -> OwnedMessage? { asked.take() }
}

/// A Request over a leg that is open, and its answer. One object for all of them: a refresh needs no memory of its own.
final class Refresh: AnswerReceiver {
    private let leg: Leg
    /// The slot is there until its calls have ended.
    private unowned let side: ClientSide
    private var ticket: Ticket?

    init(_ leg: Leg, _ side: ClientSide, _ host: Host) {
        (self.leg, self.side) = (leg, side)
        super.init(host)
    }

    /// Its answer is still to come.
    var isWaiting: Bool { ticket != nil }

    /// Sends a Request.
    /// - Parameter ticket: of the hook that waits.
    func send(_ request: consuming OwnedMessage, _ host: Host, for ticket: Ticket) throws(ElementError) {
        side.operation = try host.chains.request(request, on: leg, for: ticket, answering: self)
        self.ticket = ticket
    }

    override func answered(_ answer: borrowing Answer) {
        guard let ticket = ticket.take() else { return }
        side.operation = nil
        do throws(ElementError) {
            try answer.withMessage { message throws(ElementError) in
                try ticket.withMessage { server throws(ElementError) in try ClientRequest.accept(message, into: server) }
                try side.refreshed(leg, message)
            }
            ticket.resume(.next)
        } catch {
            ticket.resume(.fail(error))
        }
    }
}

extension OwnedMessage {
    fileprivate borrowing func become(_ other: borrowing Message) throws(ElementError) { try message.take(.request, from: other) }

    fileprivate borrowing func request(from server: borrowing Message) throws(ElementError) -> OwnedMessage {
        try ClientRequest.next(from: server, last: message)
    }
}
