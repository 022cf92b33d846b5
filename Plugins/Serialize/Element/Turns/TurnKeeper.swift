// SPDX-License-Identifier: Apache-2.0
// Carries out what queues decide. It keeps nothing for a connection: hooks, jobs, timers and completions lend it the slot.
internal import CatenaElement
internal import Synchronization

/// What all turns of an element have in common.
final class TurnKeeper: Sendable {
    typealias Queue = TurnQueue<Ticket, WaitingJob>
    /// Lends a message to a function; false: there is none.
    typealias Lender = ((borrowing Message) -> Void) -> Bool

    let host: Host
    let rules: TurnRules
    let side: AnchorService.Side
    /// Jobs that have a turn.
    let running = Mutex(RunningJobs())
    /// Set when the element is made, and nil once it is destroyed: the executor holds this object.
    let executor = Mutex<ProvidedExecutor?>(nil)

    init(host: Host, rules: TurnRules) {
        self.host = host
        self.rules = rules
        side = host.anchor.side
    }

    /// The loop of a connection, with the slot there.
    func home(of connection: Connection) -> Home<SerializeElement> { Home(connection, of: host) }

    func isOpen(_ connection: Connection?) -> Bool { connection.map(host.connections.isEstablished) ?? false }

    func id(of connection: Connection?) -> String { connection.flatMap(host.connections.id) ?? "" }

    func error(_ refusal: Refusal, _ id: String) -> ElementError {
        switch refusal {
        case .full: ElementError(.resourceExhausted, "\(rules.limit) Requests and jobs wait already: \(id)")
        case .closing: ElementError(.aborted, "the connection is being closed: \(id)")
        case .cancelled: ElementError(.aborted, "executor is already canceled: \(id)")
        case .race: ElementError(.aborted, "race condition, parallel request execution: \(id)")
        }
    }

    /// Lends the last good message that the host has.
    func lendKept(_ connection: Connection?, _ body: (borrowing Message) -> Void) -> Bool {
        guard let connection else { return false }
        return host.connections.withLast(of: connection) { body($0) } != nil
    }

    /// Lets a queue decide, and carries it out. On the connection's loop.
    /// - Parameters:
    ///   - connection: the incarnation that has the turn, or had it.
    ///   - result: what those are told who are answered as the call that ran, which is written into their messages.
    ///   - last: lends the last good message.
    func turn(
        _ turns: inout Turns, of connection: Connection?, result: (borrowing Message) -> Resumption, last: Lender,
        _ decide: (inout Queue, inout Queue.Actions) -> Void
    ) {
        var actions: Queue.Actions = []
        swap(&actions, &turns.spare)
        decide(&turns.queue, &actions)
        var index = 0
        while index < actions.count {
            perform(actions[index], &turns, connection, result, last, &actions)
            index += 1
        }
        if index > 0 { actions.removeAll(keepingCapacity: index <= 16) }
        swap(&actions, &turns.spare)
    }

    /// As above, where no call has come back.
    func turn(_ turns: inout Turns, of connection: Connection?, _ decide: (inout Queue, inout Queue.Actions) -> Void) {
        turn(&turns, of: connection, result: { _ in .done }, last: { lendKept(connection, $0) }, decide)
    }

    private func perform(
        _ action: Action<Ticket, WaitingJob>, _ turns: inout Turns, _ connection: Connection?,
        _ result: (borrowing Message) -> Resumption, _ last: Lender, _ more: inout Queue.Actions
    ) {
        switch action {
        case .run(let call, .request(let isPlain)):
            if isPlain ? call.resume(.next) : begins(call, &turns, connection, last) { return }
            turns.queue.runnerIsGone(isOpen: turns.queue.isOpen, rules, &more)
        case .run(let call, .close):
            setLast(call, last)
            if call.resume(.next) { return }
            turns.queue.runnerIsGone(isOpen: turns.queue.isOpen, rules, &more)
        case .answer(let call, let answer): tell(call, answer, connection, result)
        case .runJob(let number): begin(number, &turns, &more)
        case .refuse(let job, let why): job.job.refuse(error(why, id(of: job.connection)))
        case .abortEvent: if let connection { host.anchor.abort(connection, error(.closing, id(of: connection))) }
        case .passThroughLoop: passThroughLoop(&turns, connection, &more)
        case .retryLater(let failures): retryLater(failures, &turns, connection)
        case .forgetRetry: turns.retry = nil
        case .closeAgain: closeAgain(&turns, connection, &more)
        }
    }

    /// The freed turn of an ended incarnation comes round behind what waits in the loop already.
    private func passThroughLoop(_ turns: inout Turns, _ connection: Connection?, _ more: inout Queue.Actions) {
        let isOnItsWay = connection.map { ended in
            home(of: ended).post { [self] turns in turn(&turns, of: ended) { queue, actions in queue.turnCameRound(&actions) } }
        }
        if isOnItsWay != true { turns.queue.turnCameRound(&more) }
    }

    private func tell(_ call: Ticket, _ answer: Answer, _ connection: Connection?, _ result: (borrowing Message) -> Resumption) {
        switch answer {
        case .done: call.resume(.done)
        case .sameResult: call.resume(call.withMessage { result($0) } ?? .done)
        case .refused(let why): call.resume(.fail(error(why, id(of: connection))))
        }
    }

    /// A Close carries the last good connection, whatever its caller sent.
    private func setLast(_ call: Ticket, _ last: Lender) {
        _ = call.withMessage { message in _ = last { take($0, message) } }
    }

    func take(_ last: borrowing Message, _ message: borrowing Message) {
        do throws(ElementError) {
            try message.take(.connection, from: last)
        } catch {
            host.log.write(.warning, "close goes on with its caller's connection", [LogField("error", error.text)])
        }
    }
}
