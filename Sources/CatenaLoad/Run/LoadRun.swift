// SPDX-License-Identifier: Apache-2.0
// The load itself. All of it happens on one event loop, by callback: the next call is begun where an answer came in, so that what
// a read brought leaves again in one write. A connection that waits for its turn stands in a queue, and there is never more than
// one call of it.

internal import CatenaGRPC
internal import CatenaNSM
package import NIOCore

/// One load, from the first dial to the last Close.
///
/// Unchecked because everything that changes is touched on the loop only.
package final class LoadRun: @unchecked Sendable {
    /// What the run is doing. Each goes to the next one; an interrupted run leaves parts out.
    enum Phase { case idle, connecting, opening, refreshing, closing, finished }

    /// The rest of a place in flight after a call that no server answered: a server that is gone is not hammered at.
    static let rest = TimeAmount.milliseconds(10)

    let plan: LoadPlan
    let loop: any EventLoop
    let promise: EventLoopPromise<LoadReport>

    // On the loop only.
    var phase = Phase.idle
    var clients: [GRPCClient] = []
    /// Those without a call, in the order in which they will have one.
    var waiting = CircularBuffer<LoadedConnection>()
    /// How many calls the phase still begins.
    var toBegin = 0
    var inFlight = 0
    var resting = 0
    var isInterrupted = false
    var tally = LoadTally()
    var limitTimer: Scheduled<Void>?
    var progressTimer: RepeatedTask?
    /// How many calls of the part had ended when progress was told last.
    var toldBefore = 0

    /// A load that has not begun.
    package init(_ plan: LoadPlan, on loop: any EventLoop) {
        self.plan = plan
        self.loop = loop
        promise = loop.makePromise()
    }

    /// Begins the load.
    ///
    /// - Parameter progress: called each second, on the loop.
    /// - Returns: fails with a ``GRPCStatus`` when the server cannot be reached, before any call was made, and with a
    ///   `MessageError` when the plan's template is no request.
    package func start(progress: @escaping @Sendable (LoadProgress) -> Void = { _ in }) -> EventLoopFuture<LoadReport> {
        loop.execute { self.begin(progress) }
        return promise.futureResult
    }

    /// Ends the load early: begins no more Requests, waits for the answers of those in flight, closes the connections. Any thread.
    package func stop() {
        loop.execute { self.interrupt() }
    }

    // MARK: Calls

    /// Begins calls while there are places for them.
    func fill() {
        while toBegin > 0, inFlight + resting < plan.concurrency, let connection = waiting.popFirst() {
            begin(connection, at: .now())
        }
    }

    private func begin(_ connection: LoadedConnection, at now: NIODeadline) {
        toBegin -= 1
        inFlight += 1
        connection.begun = now
        if phase == .closing {
            connection.client.call(
                MethodPath.close, payload: connection.connection, deadline: now + plan.timeout, completion: connection.completion)
        } else {
            connection.renewIfDue(now)
            if phase == .refreshing { tally.bytesSent += connection.request.readableBytes }
            connection.client.call(
                MethodPath.request, payload: connection.request, deadline: now + plan.timeout, completion: connection.completion)
        }
    }

    func completed(_ connection: LoadedConnection, _ result: Result<GRPCReply, GRPCCallError>) {
        let now = NIODeadline.now()
        inFlight -= 1
        let part = phase.part
        tally[part].ended = now
        switch result {
        case .success(let reply): answered(connection, reply.payload, part, now)
        case .failure(let error): failed(connection, error, part)
        }
        guard phase != .closing else { return fillOrAdvance() }
        // The commonest case first: the place goes to the next connection with the time that was just read.
        waiting.append(connection)
        if toBegin > 0, inFlight + resting < plan.concurrency, let next = waiting.popFirst() {
            begin(next, at: now)
        } else {
            fillOrAdvance()
        }
    }

    private func answered(_ connection: LoadedConnection, _ answer: ByteBuffer, _ part: LoadReport.Part, _ now: NIODeadline) {
        if part == .close {
            connection.mayBeOpen = false
        } else {
            if part == .request { tally.bytesReceived += answer.readableBytes }
            if !plan.unchecked {
                connection.mayBeOpen = true
                if let fault = connection.adopt(answer) {
                    return tally.fail(part, fault.rawValue, "of connection \(connection.id)")
                }
                connection.isOpen = true
            }
            if part == .request { tally.latency.record(UInt64((now - connection.begun).nanoseconds)) }
        }
        tally[part].ok += 1
    }

    private func failed(_ connection: LoadedConnection, _ error: GRPCCallError, _ part: LoadReport.Part) {
        tally.fail(part, error.status.code.description, error.status.message)
        guard part != .close, !error.answeredByServer else { return }
        if error.mayHaveBeenProcessed { connection.mayBeOpen = true }
        resting += 1
        loop.assumeIsolated().scheduleTask(in: Self.rest) { [self] in
            resting -= 1
            fillOrAdvance()
        }
    }

    /// Goes on to the next part when this one has nothing left to do.
    func fillOrAdvance() {
        fill()
        if toBegin == 0, inFlight == 0, resting == 0 { advance() }
    }
}

extension LoadRun.Phase {
    /// Where a call of this phase is counted.
    var part: LoadReport.Part {
        switch self {
        case .idle, .connecting, .opening: .open
        case .refreshing: .request
        case .closing, .finished: .close
        }
    }
}
