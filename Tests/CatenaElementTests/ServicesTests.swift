// SPDX-License-Identifier: Apache-2.0
// What the kit asks of the host on an element's behalf, and who owns what meanwhile: closures end with their slot, with
// their one call, or with the refusal.
internal import CatenaABI
internal import CatenaElement
internal import CatenaElementTesting
internal import Synchronization
internal import Testing

private final class Ticking: ChainElement, RequestHook, CloseHook {
    struct State: Slot {
        var timer: SlotTimer?
        var ticks = 0
        var kept: Token?
    }
    typealias ConnectionSlot = State
    static let descriptor = ElementDescriptor("ticking", summary: "counts", values: [.consumes(.executor, optional: true)])
    private let host: Host
    private let executor: LinkedValue<ExecutorValue>
    init(config: NoConfig, host: Host) throws(ConfigProblem) {
        self.host = host
        executor = try host.linked(.executor)
    }

    func request(_ hop: borrowing Hop<Ticking>) -> Verdict {
        let token = Token()
        hop.connectionSlot.timer = hop.home?.after(.seconds(5)) { slot in
            _ = token
            slot.ticks += 1
            if slot.ticks < 3 { slot.timer?.restart(after: .seconds(1)) } else { slot.timer = nil }
        }
        do throws(ElementError) {
            try hop.limitBelow(to: .milliseconds(hop.isFirst ? 0 : 20))
            return hop.connectionSlot.ticks == 3 ? .done : .next
        } catch {
            return .fail(error)
        }
    }

    func close(_ hop: borrowing Hop<Ticking>) -> Verdict {
        let log = host.log, events = host.events
        guard let executor = hop.executor(executor) else {
            let posted = hop.home?.post { $0.ticks = 100 } ?? false
            log.write(.info, "caller", [
                LogField("peer", hop.peer ?? "none"), LogField("keys", hop.metadata("key").joined(separator: "+")),
                LogField("posted", "\(posted)"), LogField("ticks", "\(hop.connectionSlot.ticks)"),
            ])
            return .next
        }
        executor.exec { job in
            do throws(ElementError) {
                try events.request(executor.connection, why: .reselect, deadline: 7) { answer in
                    log.write(.info, "event", [LogField("error", answer.error?.text ?? "none")])
                    job.finish()
                }
            } catch {
                log.write(.info, "refused", [LogField("error", error.text)])
                job.finish()
            }
        } refused: {
            log.write(.info, "no turn", [LogField("error", $0.text)])
        }
        return .next
    }
}

/// Counts how many of it are alive.
private final class Token: Sendable {
    static let alive = Atomic(0)
    init() { Self.alive.add(1, ordering: .relaxed) }
    deinit { Self.alive.subtract(1, ordering: .relaxed) }
}

private final class Slow: ChainElement, StartHook, StopHook {
    static let descriptor = ElementDescriptor("slow", summary: "starts slowly")
    init(config: NoConfig, host: Host) {}
    func start() async { await Task.yield() }
    func stop() throws(ElementError) { throw ElementError(.dataLoss, "not all was written") }
}

@Suite("Services", .serialized)
struct ServicesTests {
    private func call(_ element: HookBench, _ slot: HookSlot, connection: UInt64 = 3, flags: HopFlags = []) -> HookCall {
        element.call(TestMessage(), connection: connection, slot: slot, flags: flags)
    }

    @Test("a timer works on its slot, may be set again in its own closure, and goes with the slot")
    func timers() throws {
        let element = try HookBench(Ticking.self), slot = HookSlot()
        #expect(element.request(call(element, slot)) == .next)
        #expect(element.host.timers.values.map(\.time) == [5_001_000_000] && Token.alive.load(ordering: .relaxed) == 1)
        for _ in 0..<3 { element.host.fireTimer(slot) }
        #expect(element.host.timers.isEmpty && Token.alive.load(ordering: .relaxed) == 0)
        #expect(element.request(call(element, slot)) == .done)
        #expect(element.host.timers.count == 1)
        element.dropConnection(3, slot, why: .caller)
        #expect(element.host.timers.isEmpty && Token.alive.load(ordering: .relaxed) == 0)
    }

    @Test("a timer for a connection that has ended is none")
    func endedTimer() throws {
        let element = try HookBench(Ticking.self), slot = HookSlot()
        element.host.ended = [3]
        #expect(element.request(call(element, slot)) == .next)
        element.dropConnection(3, slot, why: .caller)
        #expect(Token.alive.load(ordering: .relaxed) == 0)
    }

    @Test("the time below is limited; what the host refuses is an error")
    func limit() throws {
        let element = try HookBench(Ticking.self), slot = HookSlot()
        #expect(element.request(call(element, slot)) == .next)
        #expect(element.host.limits == [1: .milliseconds(20)])
        #expect(element.request(call(element, slot, flags: .first)) == .fail(.internal, "cannot limit the time below: the host answered 258"))
        element.dropConnection(3, slot, why: .caller)
    }

    @Test("caller, metadata and posted work")
    func caller() throws {
        let element = try HookBench(Ticking.self), slot = HookSlot()
        element.host.peer = "127.0.0.1:5"
        element.host.metadata = ["key": ["a", "b"]]
        #expect(element.close(call(element, slot)) == .next)
        element.host.runPosts(slot)
        #expect(element.close(call(element, slot)) == .next)
        element.host.runPosts(nil)
        element.host.ended = [3]
        element.host.peer = ""
        #expect(element.close(call(element, slot)) == .next)
        #expect(element.host.lines.map(\.fields["ticks"]) == ["0", "100", "100"])
        #expect(element.host.lines.map(\.fields["posted"]) == ["true", "true", "false"])
        #expect(element.host.lines.map(\.fields["peer"]) == ["127.0.0.1:5", "127.0.0.1:5", "none"])
        #expect(element.host.lines[0].fields["keys"] == "a+b")
    }

    @Test("a job of the executor begins an event and gives the turn back when it has ended")
    func executor() throws {
        let element = try HookBench(Ticking.self), host = element.host
        let close = call(element, HookSlot())
        close[.executor] = host.executor
        #expect(element.close(close) == .next)
        #expect(host.events.isEmpty && host.jobs.map(\.connection) == [3])
        let first = host.runJob()
        let event = try #require(host.events.first)
        #expect(event.verb == .request && !event.isFromNext && event.message == nil)
        #expect(event.reason == .reselect && event.deadline == 7 && host.finishedJobs.isEmpty)
        host.answerEvent(ElementError(.unavailable, "no answer"))
        #expect(host.finishedJobs == [first])
        #expect(element.close(close) == .next)
        host.last[3] = TestMessage(id: "id-3")
        host.ended = [3]
        let second = host.runJob()
        #expect(element.close(close) == .next)
        #expect(host.lines.map(\.text) == ["event", "refused", "no turn"])
        #expect(host.lines.map(\.fields["error"]) == [
            "no answer", "no event for a connection that has ended or that this element has no turn of",
            "executor is already canceled: id-3",
        ])
        #expect(host.finishedJobs == [first, second])
    }

    @Test("start and stop answer once, when the element has returned or thrown")
    func lifecycle() async throws {
        let element = try HookBench(Slow.self)
        #expect(await element.start() == nil)
        #expect(await element.stop() == ElementError(.dataLoss, "not all was written"))
        #expect(try HookBench(Ticking.self).type.pointee.start == nil)
    }
}
