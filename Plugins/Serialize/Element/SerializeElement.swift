// SPDX-License-Identifier: Apache-2.0
// The anchor of a chain: below it, Requests, Closes and jobs of one connection run one at a time, in the order they came.
// Different connections never wait for each other. The host keeps the connection table; here is only the queue.
public import CatenaElement
internal import Synchronization

/// Gives each connection one turn at a time.
public final class SerializeElement: ChainElement, RequestHook, RequestReplyHook, CloseHook, CloseReplyHook, CancelHook, ConnectionDropHook {
    public typealias ConnectionSlot = Turns

    public static let descriptor = ElementDescriptor(
        "serialize", summary: "one Request or Close at a time for each connection", traits: .anchor,
        values: [.provides(.executor, kept: true)])

    private let coalesces: Bool
    private let keeper: TurnKeeper
    private let place: LinkedValue<ExecutorValue>
    private let executor: ProvidedExecutor
    private let executorValue: ExecutorValue

    public init(config: SerializeConfig, host: Host) throws(ConfigProblem) {
        coalesces = config.coalesce
        keeper = TurnKeeper(host: host, rules: config.rules)
        place = try host.linked(.executor)
        executor = ProvidedExecutor(keeper, host: host)
        executorValue = executor.value
        keeper.executor.withLock { [executor] in $0 = executor }
    }

    deinit { keeper.executor.withLock { $0 = nil } }

    // MARK: Requests

    public func request(_ hop: borrowing Hop<SerializeElement>) -> Verdict {
        if hop.isFirst, hop.message.borrowedID.isEmpty {
            return .fail(.invalidArgument, "a Request needs a connection with an id: set it above, as updatepath does")
        }
        hop[place] = executorValue
        if !hop.isEvent, hop.connectionSlot.queue.beginsAtOnce(isOpen: !hop.isFirst) {
            return hop.isFirst || descends(hop) ? .next : .pending
        }
        return comes(hop)
    }

    /// A Request that is an event, or that somebody is in front of, or something is to be done for.
    private func comes(_ hop: borrowing Hop<SerializeElement>) -> Verdict {
        let joins = coalesces && saysTheSame(hop)
        let isPlain = keeper.side == .server && hop.message.state != .reselectRequested
        if !hop.isEvent, let admission = hop.connectionSlot.queue.waits(hop.ticket, joins: joins, isPlain: isPlain, keeper.rules) {
            return verdict(admission, hop)
        }
        // What is kept for a Close is there, although a Request on it is a first one.
        let isOpen = !hop.isFirst || (hop.connectionSlot.queue.isKept && keeper.isOpen(hop.connection))
        var admission = Admission.waits
        turn(hop) { queue, actions in
            admission = queue.request(
                hop.ticket, isEvent: hop.isEvent, isOpen: isOpen, joins: joins, isPlain: isPlain, keeper.rules, &actions)
        }
        if admission == .runs { return descends(hop) ? .next : .pending }
        return verdict(admission, hop)
    }

    public func requestReply(_ hop: borrowing Hop<SerializeElement>, below: borrowing Outcome) -> Verdict {
        if below.failed {
            let isOpen = !hop.isFirst && keeper.isOpen(hop.connection)
            end(hop, result: { _ in below.error.map { .fail($0) } ?? .done }, last: { keeper.lendKept(hop.connection, $0) }) { queue, actions in
                queue.requestEnded(isOpen: isOpen, keeper.rules, &actions)
            }
        } else {
            hop.message.state = .up
            if keeper.side == .client, !hop.isEvent { keeper.remember(hop.message, &hop.connectionSlot) }
            if hop.connectionSlot.queue.endsAlone() { return .next }
            let next = hop.connectionSlot.queue.passesOn()
            if let next, next.resume(.next) { return .next }
            end(hop, result: { copyResult(hop, $0) }, last: { lend(hop, $0) }) { queue, actions in
                if next == nil {
                    queue.requestEnded(isOpen: true, keeper.rules, &actions)
                } else {
                    queue.runnerIsGone(isOpen: true, keeper.rules, &actions)
                }
            }
        }
        return .next
    }

    // MARK: Closes

    public func close(_ hop: borrowing Hop<SerializeElement>) -> Verdict {
        let kind: CloseKind =
            hop.reason == .reselect ? .reselection : hop.reason == .retry ? .retry : hop.isEvent ? .event : .outside
        var admission = Admission.waits
        turn(hop) { queue, actions in admission = queue.close(hop.ticket, kind, isOpen: hop.isKnown, keeper.rules, &actions) }
        if admission == .runs { _ = keeper.lendKept(hop.connection) { keeper.take($0, hop.message) } }
        return verdict(admission, hop)
    }

    public func closeReply(_ hop: borrowing Hop<SerializeElement>, below: borrowing Outcome) -> Verdict {
        let error = below.error, outcome = outcome(hop, error)
        if outcome == .closed { hop.connectionSlot.returned = nil }
        end(hop, result: { _ in error.map { .fail($0) } ?? .done }, last: { keeper.lendKept(hop.connection, $0) }) { queue, actions in
            queue.closeEnded(outcome, keeper.rules, &actions)
        }
        return .next
    }

    /// A Close for another endpoint leaves the connection open, and one that a guard refused has changed nothing; every other one
    /// has ended it, or is to be repeated.
    private func outcome(_ hop: borrowing Hop<SerializeElement>, _ error: ElementError?) -> CloseEnd {
        if hop.reason == .reselect { return .unchanged }
        guard let error else { return .closed }
        if error.isRefusal { return keeper.isOpen(hop.connection) ? .refused : .closed }
        return keeper.keep(hop, error) ? .kept : .closed
    }

    // MARK: The rest

    public func cancel(_ hop: borrowing Hop<SerializeElement>) {
        let isWaiting =
            keeper.leaveReselection(hop.ticket, hop.message, &hop.connectionSlot) || hop.connectionSlot.queue.withdraw(hop.ticket)
        guard isWaiting else { return }
        hop.ticket.resume(.fail(ElementError(.cancelled, "the caller left the queue: \(hop.message.id)")))
    }

    public func connectionDropped(_ slot: consuming Turns, of connection: Connection, why: Reason) {
        var slot = slot
        keeper.turn(&slot, of: connection) { queue, actions in queue.end(&actions) }
    }

    // MARK: Turns

    private func verdict(_ admission: Admission, _ hop: borrowing Hop<SerializeElement>) -> Verdict {
        switch admission {
        case .runs: .next
        case .waits: .pending
        case .done: .done
        case .refused(let why): .fail(keeper.error(why, hop.message.id))
        }
    }

    private func turn(
        _ hop: borrowing Hop<SerializeElement>, _ decide: (inout TurnKeeper.Queue, inout TurnKeeper.Queue.Actions) -> Void
    ) {
        keeper.turn(&hop.connectionSlot, of: hop.connection, decide)
    }

    private func end(
        _ hop: borrowing Hop<SerializeElement>, result: (borrowing Message) -> Resumption, last: TurnKeeper.Lender,
        _ decide: (inout TurnKeeper.Queue, inout TurnKeeper.Queue.Actions) -> Void
    ) {
        keeper.turn(&hop.connectionSlot, of: hop.connection, result: result, last: last, decide)
    }

    /// Whether the Request says the same as the one that it would wait beside.
    private func saysTheSame(_ hop: borrowing Hop<SerializeElement>) -> Bool {
        guard let twin = hop.connectionSlot.queue.twin(isEvent: hop.isEvent) else { return false }
        return twin.withMessage { $0.isEqual(to: hop.message) } ?? false
    }

    /// Whether a Request that has the turn at once goes on at once.
    private func descends(_ hop: borrowing Hop<SerializeElement>) -> Bool {
        if keeper.side == .server, hop.message.state != .reselectRequested { return true }
        return keeper.prepare(hop.message, hop.ticket, &hop.connectionSlot, hop.connection) {
            keeper.lendKept(hop.connection, $0)
        }
    }

    /// The host stores what a Request got only after its reply hooks; the next in the queue finds it in the call itself.
    private func lend(_ hop: borrowing Hop<SerializeElement>, _ body: (borrowing Message) -> Void) -> Bool {
        body(hop.message)
        return true
    }

    private func copyResult(_ hop: borrowing Hop<SerializeElement>, _ message: borrowing Message) -> Resumption {
        do throws(ElementError) {
            try message.take(.connection, from: hop.message)
            return .done
        } catch {
            return .fail(error)
        }
    }
}
