// SPDX-License-Identifier: Apache-2.0
// How a load goes from one part to the next: connect, open, refresh, close. Each part begins when no call of the one before is
// left, so that a call is counted where it belongs and a Close never meets a Request.

internal import CatenaGRPC
internal import CatenaNSM
internal import NIOCore

extension LoadRun {
    func begin(_ progress: @escaping @Sendable (LoadProgress) -> Void) {
        guard phase == .idle else { return }
        phase = .connecting
        var configuration = GRPCClientConfiguration()
        configuration.userAgent = "catena-load"
        clients = (0..<plan.transports).map { _ in GRPCClient(target: plan.target, on: loop, configuration: configuration) }
        do throws(MessageError) {
            try makeConnections()
        } catch {
            return fail(error)
        }
        report(to: progress)
        EventLoopFuture.andAllSucceed(clients.map { $0.connect() }, on: loop).assumeIsolated().whenComplete { [self] result in
            if case .failure(let error) = result, !isInterrupted { return fail(error) }
            advance()
        }
    }

    private func makeConnections() throws(MessageError) {
        let now = NIODeadline.now()
        // Distinct from those of any other load that the server knows.
        let name = "load-\(String(UInt64.random(in: .min ... .max), radix: 16))"
        if plan.unchecked {
            let request = ByteBuffer(bytes: try plan.request.fresh(id: name, now: WallClock.now).requestBytes)
            for number in 0..<plan.concurrency { add(LoadedConnection(repeating: request, client: clients[number % clients.count])) }
        } else {
            for number in 0..<plan.connections {
                let client = clients[number % clients.count]
                add(try LoadedConnection(id: "\(name)-\(number)", client: client, maker: plan.request, now: now))
            }
        }
    }

    private func add(_ connection: LoadedConnection) {
        // A cycle until the run has finished, which empties the queue.
        connection.completion = { [self] in completed(connection, $0) }
        waiting.append(connection)
    }

    /// What the phase had to do is done.
    func advance() {
        limitTimer?.cancel()
        limitTimer = nil
        switch phase {
        case .connecting where isInterrupted: finish()
        case .connecting where plan.unchecked: refresh()
        case .connecting: enter(.opening, calls: waiting.count)
        // Where nothing can be opened, nothing can be refreshed.
        case .opening where isInterrupted || !waiting.contains(where: \.isOpen): closeAll()
        case .opening: refresh()
        case .refreshing: closeAll()
        case .closing: finish()
        case .idle, .finished: break
        }
    }

    private func enter(_ next: Phase, calls: Int) {
        phase = next
        let now = NIODeadline.now()
        tally[next.part].began = now
        tally[next.part].ended = now
        toldBefore = 0
        toBegin = calls
        fillOrAdvance()
    }

    private func refresh() {
        switch plan.limit {
        case .requests(let count): enter(.refreshing, calls: count)
        case .duration(let duration):
            limitTimer = loop.assumeIsolated().scheduleTask(in: duration) { self.beginNoMore() }
            enter(.refreshing, calls: .max)
        }
    }

    private func closeAll() {
        forget { !$0.mayBeOpen }
        enter(.closing, calls: waiting.count)
    }

    private func beginNoMore() {
        toBegin = 0
        fillOrAdvance()
    }

    func interrupt() {
        switch phase {
        case .idle, .closing, .finished: return
        case .connecting:
            isInterrupted = true
            for client in clients { client.shutdown() }
        case .opening, .refreshing:
            isInterrupted = true
            beginNoMore()
        }
    }

    // MARK: End

    private func finish() {
        let report = LoadReport(plan, tally, interrupted: isInterrupted)
        end { $0.succeed(report) }
    }

    private func fail(_ error: any Error) {
        end { $0.fail(error) }
    }

    /// Tells the end when every socket is closed.
    private func end(_ tell: @escaping (EventLoopPromise<LoadReport>) -> Void) {
        phase = .finished
        progressTimer?.cancel()
        forget { _ in true }
        let promise = self.promise
        EventLoopFuture.andAllComplete(clients.map { $0.shutdown() }, on: loop).assumeIsolated().whenComplete { _ in tell(promise) }
    }

    private func forget(_ isDone: (LoadedConnection) -> Bool) {
        for connection in waiting where isDone(connection) { connection.completion = { _ in } }
        waiting.removeAll(where: isDone)
    }

    // MARK: Progress

    private func report(to progress: @escaping @Sendable (LoadProgress) -> Void) {
        let began = NIODeadline.now()
        progressTimer = loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { [self] _ in
            let part = tally[phase.part]
            let ended = part.ok + part.failed
            progress(
                LoadProgress(
                    elapsed: .now() - began, part: phase.part, ended: ended, inLastSecond: ended - toldBefore, errors: tally.errorCount,
                    expected: expected))
            toldBefore = ended
        }
    }

    /// How many calls the part has, if that is known.
    private var expected: Int? {
        switch (phase, plan.limit) {
        case (.refreshing, .duration): nil
        case (.refreshing, .requests(let count)): count
        case (.connecting, _): plan.unchecked ? nil : plan.connections
        default: tally[phase.part].ok + tally[phase.part].failed + inFlight + toBegin
        }
    }
}
