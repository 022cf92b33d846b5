// SPDX-License-Identifier: Apache-2.0
// What the kit offers to an anchor: what it asks of its host, and the executor that it provides, as the table of another module
// sees it.
internal import CatenaABI
internal import CatenaElement
internal import CatenaElementTesting
internal import Synchronization
internal import Testing

/// An anchor that asks for everything, and runs jobs where they are posted.
private final class Asking: ChainElement, RequestHook, CloseHook, CloseReplyHook {
    struct Busy: Slot { var jobs = 0 }
    typealias ConnectionSlot = Busy
    static let descriptor = ElementDescriptor(
        "asking", summary: "asks", traits: .anchor, values: [.provides(.executor, kept: true)])
    private let host: Host
    private let jobs: Jobs
    private let provided: ProvidedExecutor
    private let place: LinkedValue<ExecutorValue>

    init(config: NoConfig, host: Host) throws(ConfigProblem) {
        self.host = host
        jobs = Jobs(host)
        provided = ProvidedExecutor(jobs, host: host)
        place = try host.linked(.executor)
        jobs.provided.withLock { [provided] in $0 = provided }
        host.log.write(.info, "made", [LogField("side", "\(host.anchor.side)")])
    }

    func request(_ hop: borrowing Hop<Asking>) -> Verdict {
        hop[place] = provided.value
        return .next
    }

    func close(_ hop: borrowing Hop<Asking>) -> Verdict {
        guard let connection = hop.connection else { return .next }
        let isAborted = host.anchor.abort(connection, ElementError(.aborted, "closing"))
        return isAborted && host.anchor.end(connection) ? .done : .next
    }

    func closeReply(_ hop: borrowing Hop<Asking>, below: borrowing Outcome) -> Verdict {
        do throws(ElementError) {
            try host.anchor.keepAfterClose(hop, until: below.failed ? host.now + 5 : nil)
            return .next
        } catch {
            return .fail(error)
        }
    }
}

private final class Jobs: JobQueue {
    let provided = Mutex<ProvidedExecutor?>(nil)
    let host: Host
    init(_ host: Host) { self.host = host }

    func add(_ job: QueuedJob, for connection: Connection) -> Bool {
        let provided = provided.withLock { $0 }
        let isPosted = Home<Asking>(connection, of: host).post { slot in
            slot.jobs += 1
            do throws(ElementError) {
                try provided?.run(job, as: UInt64(70 + slot.jobs), for: connection)
            } catch {
                job.refuse(error)
            }
        } ended: {
            job.refuse(as: "ended")
        }
        if !isPosted { job.refuse(as: self.host.connections.id(of: connection) ?? "unknown") }
        return isPosted
    }

    func finish(_ number: UInt64) {
        host.log.write(.info, "finish", [LogField("number", "\(number)")])
        if let connection = Connection(3) { provided.withLock { $0 }?.takeBack(connection) }
    }

    func cancel(_ connection: Connection) -> Bool { host.anchor.end(connection) }
}

/// Hands its executor to the test.
private final class Using: ChainElement, RequestHook {
    static let descriptor = ElementDescriptor("using", summary: "uses", values: [.consumes(.executor)])
    static let seen = Mutex<Executor?>(nil)
    static let message = Mutex<StoredMessage?>(nil)
    private let place: LinkedValue<ExecutorValue>
    init(config: NoConfig, host: Host) throws(ConfigProblem) { place = try host.linked(.executor) }

    func request(_ hop: borrowing Hop<Using>) -> Verdict {
        let executor = hop.executor(place)
        Self.seen.withLock { $0 = executor }
        guard let copy = try? hop.message.copy() else { return .fail(.internal, "no copy") }
        let stored = StoredMessage(copy)
        Self.message.withLock { $0 = stored }
        return .next
    }
}

/// Asks for what only an anchor may.
private final class Posing: ChainElement, CloseReplyHook {
    static let descriptor = ElementDescriptor("posing", summary: "is no anchor")
    private let host: Host
    init(config: NoConfig, host: Host) { self.host = host }
    func closeReply(_ hop: borrowing Hop<Posing>, below: borrowing Outcome) -> Verdict {
        do throws(ElementError) {
            try host.anchor.keepAfterClose(hop, until: nil)
            return .next
        } catch {
            return .fail(error)
        }
    }
}

@Suite("Anchor services", .serialized)
struct AnchorServiceTests {
    @Test("what an anchor asks reaches the host, and what the host answers the anchor")
    func wishes() throws {
        let host = RecordingHost()
        host.side = .client
        let element = try HookBench(Asking.self, host: host), slot = HookSlot()
        let call = element.call(TestMessage(id: "id"), number: 8, connection: 3, slot: slot)
        #expect(element.close(call) == .done)
        #expect(element.closeReply(call, below: ElementError(.unavailable, "no")) == .next)
        #expect(element.closeReply(call) == .next)
        #expect(host.anchorWishes == [
            .abort(connection: 3, ElementError(.aborted, "closing")), .end(connection: 3, .removed), .keep(call: 8, until: host.now + 5), .keep(call: 8, until: 0),
        ])
        host.ended = [3]
        #expect(element.close(call) == .next)
        #expect(host.lines.map { $0.fields["side"] } == ["client"])
    }

    @Test("an element that is no anchor is refused, and a host without the service is not fit for an anchor")
    func others() throws {
        let element = try HookBench(Posing.self)
        #expect(element.closeReply(element.call()) == .fail(ElementError(.failedPrecondition, "the element is not an anchor")))
        let host = RecordingHost()
        host.missing = ["anchor/1"]
        #expect(throws: ConfigProblem("the host offers no \"anchor/1\"")) { try HookBench(Asking.self, host: host) }
        _ = try HookBench(Posing.self, host: host)
    }

    @Test("a job of another element runs where it is posted with the turn lent, gives it back once, and is refused when all is over")
    func jobs() throws {
        let host = RecordingHost(), slot = HookSlot()
        let anchor = try HookBench(Asking.self, host: host), user = try HookBench(Using.self)
        let above = anchor.call(TestMessage(id: "id"), connection: 3, slot: slot)
        #expect(anchor.request(above) == .next)
        let below = user.call(TestMessage(id: "id"), connection: 3)
        below[.executor] = above[.executor]
        #expect(user.request(below) == .next)
        let executor = try #require(Using.seen.withLock { $0 })
        let told = Mutex<[String]>([])
        let note: @Sendable (String) -> Void = { line in told.withLock { $0.append(line) } }
        func exec() {
            executor.exec { job in
                note("runs")
                job.finish()
            } refused: { error in
                note(error.text)
            }
        }
        exec()
        #expect(told.withLock { $0 } == [])
        host.runPosts(slot)
        #expect(told.withLock { $0 } == ["runs"] && host.lines.last?.fields["number"] == "71")
        #expect(host.anchorWishes == [.lend(connection: 3, job: 71), .takeBack(connection: 3)])
        exec()
        host.runPosts(nil)
        exec()
        host.ended = [3]
        host.runPosts(slot)
        host.last[3] = TestMessage(id: "id-3")
        exec()
        #expect(told.withLock { $0 } == [
            "runs", "executor is already canceled: ended", "cannot give the turn to a job: it has ended", "executor is already canceled: id-3",
        ])
        #expect(throws: ElementError(.aborted, "cannot end the connection: it has ended")) { try executor.cancel() }
        let none = user.call(TestMessage(id: "id"), connection: 3)
        #expect(user.request(none) == .next && Using.seen.withLock { $0 } == nil)
        Using.message.withLock { $0 = nil }
    }

    @Test("a task may hold the turn for as long as its function runs, and a stored message makes copies")
    func withTurn() async throws {
        let below = Neighbour("below")
        try await ChainBench.run([.anchor, .element(Using.self), .neighbour(below)]) { bench in
            #expect(bench.request("id").isGood)
            let executor = try #require(Using.seen.withLock { $0 })
            let inside = Mutex(false), (held, release) = AsyncStream<Void>.makeStream()
            let turn = Task {
                try await executor.withTurn {
                    inside.withLock { $0 = true }
                    for await _ in held { break }
                    return 7
                }
            }
            await bench.run { inside.withLock { $0 } }
            let waiting = bench.request("id")
            #expect(!waiting.isAnswered)
            release.yield()
            await bench.answer(to: waiting)
            #expect(try await turn.value == 7)
            let copies = Using.message.withLock { stored in (0..<2).compactMap { _ in try? stored?.copy().message.id } }
            #expect(copies == ["id", "id"])
            Using.message.withLock { $0 = nil }
            try executor.cancel()
            bench.run()
            #expect(bench.connectionCount == 0)
            await #expect(throws: ElementError(.aborted, "executor is already canceled: id")) { try await executor.withTurn {} }
        }
    }
}
