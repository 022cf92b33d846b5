// SPDX-License-Identifier: Apache-2.0
// Joins the server side of a connection to a client side: each Request here becomes one at the next hop, through a client
// chain, and each Close likewise. Transports and legs are the host's; what is open where is known in one place, ClientSide.
public import CatenaElement

/// Requests and closes at the server that the client URL names.
public final class ConnectElement: ChainElement, RequestHook, CloseHook, CancelHook, ConnectionDropHook {
    public typealias ConnectionSlot = ClientSide

    public static let descriptor = ElementDescriptor(
        "connect", summary: "passes Requests and Closes on to the next hop", values: [.consumes(.clientURL)])

    private let config: ConnectConfig
    private let host: Host
    private let url: LinkedValue<ClientURL>

    public init(config: ConnectConfig, host: Host) throws(ConfigProblem) {
        self.config = config
        self.host = host
        url = try host.linked(.clientURL)
    }

    public func request(_ hop: borrowing Hop<ConnectElement>) -> Verdict {
        let url = hop[url]
        guard !url.isEmpty, let connection = hop.connection else {
            return .fail(.failedPrecondition, "clientURL not found for incoming connection: \(hop.message.id)")
        }
        do throws(ElementError) {
            let side = hop.connectionSlot
            if let leg = side.leg(to: url), let request = try side.nextRequest(from: hop.message) {
                try renew(leg, to: url)
                let refresh = side.refresh ?? Refresh(leg, side, host)
                try refresh.send(request, host, for: hop.ticket)
                return .pending
            }
            let request = try ClientRequest.first(from: hop.message)
            let opening = try Opening(request.message, to: url)
            let transport = try host.clients.acquire(url, dialTimeout: config.dialTimeout)
            let leg = try host.chains.open(for: connection, through: config.client, over: transport)
            return send(request, over: leg, opening, side, hop.ticket)
        } catch {
            return .fail(error)
        }
    }

    public func close(_ hop: borrowing Hop<ConnectElement>) -> Verdict {
        let side = hop.connectionSlot, ticket = hop.ticket, why = hop.reason
        guard let leg = side.leg else { return .next }
        do throws(ElementError) {
            guard let last = try side.copyOfLast() else { return .next }
            side.operation = try host.chains.close(last, on: leg, for: ticket, why: why) { [self] answer in
                side.operation = nil
                forget(side, why)
                ticket.resume(answer.error.map { .fail(Self.closing($0)) } ?? .next)
            }
            return .pending
        } catch {
            forget(side, why)
            return .fail(Self.closing(error))
        }
    }

    public func cancel(_ hop: borrowing Hop<ConnectElement>) {
        if let operation = hop.connectionSlot.operation { host.connections.cancel(operation) }
    }

    public func connectionDropped(_ side: consuming ClientSide, of connection: Connection, why: Reason) {
        forget(side, why)
    }

    /// Gives the leg a fresh transport if its own is not for newcomers any more.
    private func renew(_ leg: Leg, to url: ClientURL) throws(ElementError) {
        guard host.chains.transportState(of: leg) == .retired else { return }
        try host.chains.rebind(leg, to: try host.clients.acquire(url, dialTimeout: config.dialTimeout))
    }

    /// The first Request over a leg.
    private func send(
        _ request: consuming OwnedMessage, over leg: Leg, _ opening: Opening, _ side: ClientSide, _ ticket: Ticket
    ) -> Verdict {
        do throws(ElementError) {
            side.operation = try host.chains.request(request, on: leg, for: ticket) { [self] answer in
                side.operation = nil
                do throws(ElementError) {
                    try answer.withMessage { message throws(ElementError) in
                        let last = try message.copy()
                        try ticket.withMessage { server throws(ElementError) in try ClientRequest.accept(message, into: server) }
                        keep(last, leg, opening, in: side)
                    }
                    ticket.resume(.next)
                } catch {
                    dropNew(leg, opening, isOpen: answer.error == nil)
                    ticket.resume(.fail(error))
                }
            }
            return .pending
        } catch {
            dropNew(leg, opening, isOpen: false)
            return .fail(error)
        }
    }

    /// Records what is open now. An old leg to another place is closed there, best effort: the Request has succeeded.
    private func keep(_ last: consuming OwnedMessage, _ leg: Leg, _ opening: Opening, in side: ClientSide) {
        _ = opening.takeAsked()
        let opened = ClientSide.Opened(leg: leg, url: opening.url, last: last, refresh: Refresh(leg, side, host))
        guard let old = side.replace(with: opened) else { return }
        let oldLeg = old.leg, oldURL = old.url.text
        close(old.last, on: oldLeg, why: .movedURL, "close at the old url failed", oldURL)
        host.chains.drop(oldLeg, why: .movedURL)
    }

    /// After a Request that failed: an old leg stays open.
    /// - Parameter isOpen: the next hop said yes, and its answer could not be taken over: it has to be told, or it keeps a
    ///   connection that nobody knows.
    private func dropNew(_ leg: Leg, _ opening: Opening, isOpen: Bool) {
        if let asked = opening.takeAsked(), isOpen {
            close(asked, on: leg, why: .rollback, "close after an unusable answer failed", opening.url.text)
        }
        host.chains.drop(leg, why: .rollback)
    }

    /// Closes at a next hop that nobody waits for: a failure is only logged.
    private func close(_ connection: consuming OwnedMessage, on leg: Leg, why: Reason, _ text: StaticString, _ url: String) {
        let warn = { [log = host.log] (error: ElementError) in
            log.write(.warning, text, [LogField("url", url), LogField("error", "\(error)")])
        }
        do throws(ElementError) {
            _ = try host.chains.close(connection, on: leg, for: nil, why: why) { if let error = $0.error { warn(error) } }
        } catch {
            warn(error)
        }
    }

    private func forget(_ side: ClientSide, _ why: Reason) {
        if let opened = side.replace(with: nil) { host.chains.drop(opened.leg, why: why) }
    }

    private static func closing(_ error: ElementError) -> ElementError {
        ElementError(error.code, "errors during client close: \(error.text)", cause: error)
    }
}
