// SPDX-License-Identifier: Apache-2.0
// Joins the server side of a connection to a client side: each Request here becomes one at the next hop, through a client
// chain, and each Close likewise. Transports and legs are the host's; what is open where is known in one place, ClientSide.
public import CatenaElement

/// Requests and closes at the server that the client URL names.
public final class ConnectElement: ChainElement, RequestHook, CloseHook, CancelHook, ConnectionDropHook {
    public typealias ConnectionSlot = ClientSide

    public static let descriptor = ElementDescriptor(
        "connect", summary: "passes Requests and Closes on to the next hop", values: [.consumes(.clientURL)])

    let config: ConnectConfig
    let host: Host
    private let url: LinkedValue<ClientURL>
    private let rule: ClientRequest
    private let dial: DialOptions
    private let lastURL = LastURL()

    public init(config: ConnectConfig, host: Host) throws(ConfigProblem) {
        self.config = config
        self.host = host
        dial = config.dialOptions
        rule = ClientRequest(mechanism: config.mechanism)
        url = try host.linked(.clientURL)
    }

    // MARK: Hooks

    public func request(_ hop: borrowing Hop<ConnectElement>) -> Verdict {
        let side = hop.connectionSlot
        // Nearly every one is a refresh that nobody is before. Its URL, which is a large value, is compared here and goes no further.
        if side.current == nil, let refresh = side.refresh, hop[url] == refresh.url {
            return send(refresh, hop.ticket, side, hop.message)
        }
        return enter(ClientCall(.request, hop, to: hop[url]), hop)
    }

    public func close(_ hop: borrowing Hop<ConnectElement>) -> Verdict {
        enter(ClientCall(.close, hop, to: hop[url]), hop)
    }

    public func cancel(_ hop: borrowing Hop<ConnectElement>) {
        let side = hop.connectionSlot
        if let current = side.current, current.ticket == hop.ticket { return host.connections.cancel(current.operation) }
        guard side.withdraw(hop.ticket) else { return }
        hop.ticket.resume(.fail(.cancelled, "the caller left before its turn at the next hop: \(hop.message.id)"))
    }

    public func connectionDropped(_ side: consuming ClientSide, of connection: Connection, why: Reason) {
        forget(side, why)
    }

    // MARK: One at a time

    /// The anchor lets one call of a connection come at a time. Should another one come all the same, it waits here.
    private func enter(_ call: ClientCall, _ hop: borrowing Hop<ConnectElement>) -> Verdict {
        let side = hop.connectionSlot
        guard side.current != nil else { return begin(call, side, hop.message) }
        side.wait(call)
        host.log.write(
            .warning, "waits, as another call of the connection is under way", of: call.ticket,
            [LogField("verb", call.verb.rawValue), LogField("startedBy", "\(call.why)")])
        return .pending
    }

    private func begin(_ call: ClientCall, _ side: ClientSide, _ message: borrowing Message) -> Verdict {
        switch call.verb {
        case .request: beginRequest(call, side, message)
        case .close: beginClose(call, side, message)
        }
    }

    /// The call that was under way has ended; those who have waited for that follow.
    func ended(_ side: ClientSide, _ ticket: Ticket, _ resumption: Resumption) {
        side.ends()
        ticket.resume(resumption)
        while let next = side.takeNext() {
            // No message: it is not there any more.
            let verdict = next.ticket.withMessage { begin(next, side, $0) }
            if let verdict { next.answer(verdict) }
        }
    }

    // MARK: Request

    private func beginRequest(_ call: ClientCall, _ side: ClientSide, _ message: borrowing Message) -> Verdict {
        guard !call.url.isEmpty, let connection = call.connection else {
            return .fail(.failedPrecondition, "clientURL not found for incoming connection: \(message.id)")
        }
        if let refresh = side.refresh, call.url == refresh.url { return send(refresh, call.ticket, side, message) }
        do throws(ElementError) {
            try open(call, connection, try rule.first(from: message), side)
            return .pending
        } catch {
            return .fail(error)
        }
    }

    /// A Request over the leg that is open.
    private func send(_ refresh: Refresh, _ ticket: Ticket, _ side: ClientSide, _ message: borrowing Message) -> Verdict {
        do throws(ElementError) {
            guard let request = try side.nextRequest(from: message, rule) else { return .fail(.internal, "nothing is open: \(message.id)") }
            try renew(refresh)
            side.begins(ticket, try host.chains.request(request, on: refresh.leg, for: ticket, answering: refresh))
            return .pending
        } catch {
            return .fail(error)
        }
    }

    /// Gives the leg a fresh transport if its own is not for newcomers any more.
    private func renew(_ refresh: Refresh) throws(ElementError) {
        guard host.chains.transportState(of: refresh.leg) == .retired else { return }
        try host.chains.rebind(refresh.leg, to: try transport(to: refresh.url.url))
    }

    func transport(to url: ClientURL) throws(ElementError) -> Transport {
        try host.clients.acquire(url, dial)
    }

    /// The first Request over a leg. An older leg stays open until this one is.
    private func open(
        _ call: ClientCall, _ connection: Connection, _ request: consuming OwnedMessage, _ side: ClientSide
    ) throws(ElementError) {
        let asked = try request.message.copy(), ticket = call.ticket
        let leg = try host.chains.open(for: connection, through: config.client, over: try transport(to: call.url))
        let opening = Opening(leg, to: call.url, asked)
        do throws(ElementError) {
            let operation = try host.chains.request(request, on: leg, for: ticket) { [self] answer in
                do throws(ElementError) {
                    try answer.withMessage { message throws(ElementError) in
                        let last = try message.copy()
                        try accept(message, for: ticket)
                        keep(last, opening, in: side)
                    }
                    ended(side, ticket, .next)
                } catch {
                    drop(opening, isOpen: answer.error == nil)
                    ended(side, ticket, .fail(error))
                }
            }
            side.begins(ticket, operation)
        } catch {
            drop(opening, isOpen: false)
            throw error
        }
    }

    /// The server's connection becomes what the next hop has answered.
    func accept(_ answer: borrowing Message, for ticket: Ticket) throws(ElementError) {
        try ticket.withMessage { server throws(ElementError) in try rule.accept(answer, into: server) }
    }

    /// Records what is open now. An old leg to another place is closed there, best effort, unless it was already: the Request has
    /// succeeded.
    private func keep(_ last: consuming OwnedMessage, _ opening: Opening, in side: ClientSide) {
        _ = opening.takeAsked()
        let refresh = Refresh(opening.leg, to: lastURL.kept(opening.url), side, self, host)
        guard let old = side.replace(with: ClientSide.Opened(refresh: refresh, last: last)) else { return }
        let before = old.refresh
        if old.end != .closed { close(old.last, on: before.leg, why: .movedURL, "close at the old url failed", before.url.url.text) }
        host.chains.drop(before.leg, why: .movedURL)
    }

    /// After a first Request over a leg that failed: whatever was open before still is.
    /// - Parameter isOpen: the next hop said yes, and its answer could not be taken over: it has to be told, or it keeps a
    ///   connection that nobody knows.
    private func drop(_ opening: Opening, isOpen: Bool) {
        if let asked = opening.takeAsked(), isOpen {
            close(asked, on: opening.leg, why: .rollback, "close after an unusable answer failed", opening.url.text)
        }
        host.chains.drop(opening.leg, why: .rollback)
    }
}
