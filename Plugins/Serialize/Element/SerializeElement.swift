// SPDX-License-Identifier: Apache-2.0
// The anchor of a chain: below it, Requests and Closes of one connection run one at a time, in the order they came.
// Different connections never wait for each other. The host keeps the connection table; here is only the queue.
public import CatenaElement

/// Gives each connection one turn at a time.
public final class SerializeElement: ChainElement, RequestHook, RequestReplyHook, CloseHook, CloseReplyHook, CancelHook {
    public typealias ConnectionSlot = Turns

    public static let descriptor = ElementDescriptor(
        "serialize", summary: "one Request or Close at a time for each connection", traits: .anchor)

    private let config: SerializeConfig
    private let host: Host

    public init(config: SerializeConfig, host: Host) {
        self.config = config
        self.host = host
    }

    public func request(_ hop: borrowing Hop<SerializeElement>) -> Verdict {
        if hop.message.borrowedID.isEmpty { return .fail(.invalidArgument, "a Request needs a connection with an id: set it above, as updatepath does") }
        switch hop.connectionSlot.queue.admit(hop.ticket, .request, limit: config.queue) {
        case .runs: return .next
        case .waits: return .pending
        case .full: return .fail(.resourceExhausted, "\(config.queue) Requests wait already: \(hop.message.id)")
        }
    }

    public func requestReply(_ hop: borrowing Hop<SerializeElement>, below: borrowing Outcome) -> Verdict {
        if !below.failed { hop.message.state = .up }
        passTurn(hop, isOpen: !below.failed || isOpen(hop.connection), last: below.failed ? .kept : .thisCall)
        return .next
    }

    public func close(_ hop: borrowing Hop<SerializeElement>) -> Verdict {
        // A Close that nobody is in front of knows what the host knows now; one that waits asks when its turn comes.
        if !hop.connectionSlot.queue.isBusy, !hop.isKnown { return .done }
        guard case .runs = hop.connectionSlot.queue.admit(hop.ticket, .close, limit: config.queue) else { return .pending }
        setLast(.kept, hop, of: hop.message)
        return .next
    }

    public func closeReply(_ hop: borrowing Hop<SerializeElement>, below: borrowing Outcome) -> Verdict {
        // A Close for another endpoint leaves the connection open, and one that a guard refused has changed nothing; every other
        // one has ended it.
        let isRefused = below.error?.isRefusal ?? false
        passTurn(hop, isOpen: hop.reason == .reselect || (isRefused && isOpen(hop.connection)), last: .kept)
        return .next
    }

    public func cancel(_ hop: borrowing Hop<SerializeElement>) {
        guard hop.connectionSlot.queue.withdraw(hop.ticket) else { return }
        hop.ticket.resume(.fail(ElementError(.cancelled, "the caller left the queue: \(hop.message.id)")))
    }

    /// Where the last good connection is found. The host stores a Request's only after its reply hooks, so that the next in
    /// the queue finds it in the call that has just succeeded.
    private enum Last {
        case kept
        case thisCall
    }

    /// Gives the turn to the next call that is still there. A Close finds out here that there is nothing to close any more.
    private func passTurn(_ hop: borrowing Hop<SerializeElement>, isOpen: Bool, last: Last) {
        while let next = hop.connectionSlot.queue.next() {
            if next.verb == .close {
                guard isOpen else {
                    next.call.resume(.done)
                    continue
                }
                _ = next.call.withMessage { setLast(last, hop, of: $0) }
            }
            if next.call.resume(.next) { return }
        }
    }

    /// A Close that runs carries the last good connection, whatever its caller sent.
    private func setLast(_ last: Last, _ hop: borrowing Hop<SerializeElement>, of message: borrowing Message) {
        do throws(ElementError) {
            switch last {
            case .thisCall: try message.take(.connection, from: hop.message)
            case .kept:
                guard let connection = hop.connection else { return }
                try host.connections.withLast(of: connection) { kept throws(ElementError) in try message.take(.connection, from: kept) }
            }
        } catch {
            host.log.write(.warning, "close goes on with its caller's connection", of: hop.ticket, [LogField("error", error.text)])
        }
    }

    private func isOpen(_ connection: Connection?) -> Bool {
        connection.map(host.connections.isEstablished) ?? false
    }
}
