// SPDX-License-Identifier: Apache-2.0
// The executor of an incarnation: jobs and events have turns like calls, and what is asked of an ended one is refused. And the race
// for the turn that an ended incarnation leaves.
internal import Testing

@testable internal import SerializeElement

@Suite("TurnQueue: executor")
struct TurnQueueExecutorTests {
    @Test("a job waits its turn, holds it until it finishes, and finishes once")
    func job() {
        var driver = QueueDriver(isOpen: true)
        _ = [driver.request(1), driver.job("a"), driver.request(2)]
        #expect(driver.ended() == "run job")
        #expect([driver.begun(), driver.begun()] == ["a", nil])
        #expect(driver.job("b") == "")
        #expect(driver.finished() == "run request 2")
        #expect(driver.finished(1) == "not its turn")
        #expect(driver.ended() == "run job")
        #expect(driver.finished(1) == "not its turn")
        #expect(driver.finished() == "")
    }

    @Test("an idle connection runs a job at once; without a connection there is no executor")
    func idle() {
        var driver = QueueDriver()
        #expect(driver.job("a") == "a cancelled")
        #expect(driver.request(1, event: true) == "1 cancelled")
        driver.isOpen = true
        #expect(driver.job("b") == "run job")
        _ = [driver.begun() ?? "", driver.finished()]
        #expect(driver.request(2, event: true) == "2 runs")
    }

    @Test("a first Request makes the executor; one that fails removes it, a failed refresh keeps it")
    func made() {
        var driver = QueueDriver()
        _ = [driver.request(1), driver.job("a"), driver.request(2, event: true), driver.request(3)]
        #expect(driver.ended(false, isFirst: true) == "a cancelled, 2 cancelled, run request 3")
        _ = [driver.ended(), driver.request(4), driver.job("b")]
        #expect(driver.ended(false) == "run job")
    }

    @Test("after a Close everything is refused, whether it succeeded or is to be repeated", arguments: [true, false])
    func afterClose(isGood: Bool) {
        var driver = QueueDriver(isOpen: true)
        _ = [driver.close(1), driver.job("a"), driver.request(2, event: true)]
        #expect(driver.closed(isGood ? .closed : .kept).hasPrefix("a cancelled, 2 cancelled"))
        #expect([driver.job("b"), driver.request(3, event: true)] == ["b cancelled", "3 cancelled"])
    }

    @Test("a Close that ended nothing leaves the executor")
    func afterRefusal() {
        var driver = QueueDriver(isOpen: true)
        _ = [driver.close(1), driver.job("a")]
        #expect(driver.closed(.refused) == "run job")
    }

    @Test("cancel ends an idle incarnation at once, and only once")
    func cancelIdle() {
        var driver = QueueDriver(isOpen: true)
        #expect(driver.cancel() == "")
        #expect([driver.cancel(), driver.job("a"), driver.request(1, event: true)] == ["ended before", "a cancelled", "1 cancelled"])
        #expect([driver.close(2), driver.request(3)] == ["2 done", "3 runs"])
        #expect([driver.ended(), driver.job("b")] == ["", "run job"])
    }

    @Test("cancel in a turn refuses what waits of the incarnation, and ends it with the turn")
    func cancelBusy() {
        var driver = QueueDriver(isOpen: true)
        _ = [driver.job("a"), driver.begun() ?? "", driver.request(1), driver.job("b"), driver.request(2, event: true), driver.close(3, .event)]
        #expect(driver.cancel() == "b cancelled, 2 cancelled")
        #expect(driver.job("c") == "c cancelled")
        #expect(driver.finished() == "3 done, run request 1")
        #expect(driver.job("d") == "")
        #expect(driver.ended() == "run job")
    }

    @Test("cancel before a job has begun refuses it too")
    func cancelBeginning() {
        var driver = QueueDriver(isOpen: true)
        _ = [driver.job("a"), driver.request(1)]
        #expect(driver.cancel() == "a cancelled, run request 1")
        #expect([driver.begun()] == [nil])
    }

    @Test("cancel during a Request that succeeds leaves nothing open")
    func cancelRequest() {
        var driver = QueueDriver(isOpen: true)
        _ = [driver.request(1), driver.close(2)]
        #expect(driver.cancel() == "")
        #expect(driver.ended() == "2 done")
    }

    // MARK: The race

    /// Up to step 3: the Close has ended, and Request-1 has waited for it.
    private func race(_ failsOnRace: Bool) -> (QueueDriver, String) {
        var driver = QueueDriver(rules: TurnRules(limit: 10, failsOnRace: failsOnRace), isOpen: true)
        _ = [driver.close(1), driver.request(2), driver.request(3)]
        let said = driver.closed()
        return (driver, said)
    }

    @Test("the Request that waited for a Close keeps its place and runs next")
    func raceKept() {
        var (driver, said) = race(false)
        #expect(said == "run request 2")
        #expect(driver.request(4) == "4 waits")
        #expect([driver.ended(), driver.ended(), driver.ended()] == ["run request 3", "run request 4", ""])
    }

    @Test("with onRace fail it fails if another one began before the turn came round, and else runs")
    func raceFails() {
        var (driver, said) = race(true)
        #expect(said == "pass")
        #expect(driver.request(4) == "4 runs, 2 race, 3 race")
        #expect([driver.cameRound()] == [""] && driver.queue.load == 0)
        #expect(driver.ended() == "")
        (driver, said) = race(true)
        #expect(driver.cameRound() == "run request 2")
        #expect([driver.request(4), driver.cameRound(), driver.ended()] == ["4 waits", "", "run request 3"])
    }

    @Test("a turn on its way can be waited for no more, and a Close then cancels the Requests")
    func promised() {
        var (driver, _) = race(true)
        #expect([driver.withdraw(2)] == [true])
        #expect([driver.job("a"), driver.request(9, event: true)] == ["a cancelled", "9 cancelled"])
        #expect(driver.close(5) == "5 done, 3 closing")
        #expect(driver.cameRound() == "" && driver.queue.turn == .free)
        #expect(driver.request(6) == "6 runs")
    }
}
