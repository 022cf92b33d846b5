// SPDX-License-Identifier: Apache-2.0
// The queue of one connection as a value: turns, bound, withdrawal and coalescing. Order and bound are decided here, so that the
// element's tests need not repeat them.
internal import Testing

@testable internal import SerializeElement

@Suite("TurnQueue: turns")
struct TurnQueueTests {
    @Test("the first call runs, the others wait, and the turn goes round in the order they came")
    func order() {
        var driver = QueueDriver()
        #expect(driver.request(1) == "1 runs")
        #expect([driver.request(2), driver.request(3), driver.request(4)] == ["2 waits", "3 waits", "4 waits"])
        #expect(driver.ended() == "run request 2")
        #expect(driver.ended(false) == "run request 3")
        #expect([driver.ended(), driver.ended()] == ["run request 4", ""])
        #expect(driver.request(5) == "5 runs")
    }

    @Test("Requests and jobs are bounded together, Closes are not, and a refusal changes nothing")
    func bound() {
        var driver = QueueDriver(rules: TurnRules(limit: 2), isOpen: true)
        #expect([driver.request(1), driver.request(2), driver.job("a"), driver.request(3)] == ["1 runs", "2 waits", "", "3 full"])
        #expect(driver.job("b") == "b full")
        #expect([driver.close(4, .event), driver.close(5, .event)] == ["4 waits", "5 waits"])
        #expect(driver.ended() == "run request 2")
        #expect([driver.request(6), driver.request(7)] == ["6 waits", "7 full"])
    }

    @Test("who follows a Request that runs still waits, and is counted")
    func followersCount() {
        var driver = QueueDriver(rules: TurnRules(limit: 2))
        _ = [driver.request(1), driver.request(2), driver.request(3, joins: true)]
        #expect(driver.ended() == "run request 3")
        #expect([driver.request(4), driver.request(5)] == ["4 waits", "5 full"])
        #expect(driver.ended() == "2 same, run request 4")
        #expect([driver.request(6), driver.request(7), driver.request(8)] == ["6 waits", "7 waits", "8 full"])
    }

    @Test("a waiting Request can be withdrawn, a Close and one that runs cannot")
    func withdraw() {
        var driver = QueueDriver(rules: TurnRules(limit: 1), isOpen: true)
        _ = [driver.request(1), driver.request(2), driver.close(3, .event)]
        #expect([driver.withdraw(1), driver.withdraw(3), driver.withdraw(9)] == [false, false, false])
        #expect([driver.withdraw(2), driver.withdraw(2)] == [true, false])
        #expect(driver.request(4) == "4 waits")
        #expect([driver.ended(), driver.closed(), driver.ended()] == ["run close 3", "run request 4", ""])
    }

    @Test("Requests that say the same become one: the newest runs in the oldest place, and all get its result")
    func coalesce() {
        var driver = QueueDriver()
        _ = [driver.request(1), driver.request(2), driver.request(3, joins: true), driver.request(4)]
        #expect(driver.queue.twin(isEvent: false) == 4)
        #expect(driver.request(5, joins: true) == "5 waits")
        #expect(driver.ended() == "run request 3")
        #expect(driver.ended() == "2 same, run request 5")
        #expect(driver.ended(false) == "4 same")
    }

    @Test("a Request has no twin where a Close, a job or one of the other kind came in between, or nobody waits")
    func twins() {
        var driver = QueueDriver(isOpen: true)
        #expect(driver.queue.twin(isEvent: false) == nil)
        _ = driver.request(1)
        #expect(driver.queue.twin(isEvent: false) == nil)
        _ = driver.request(2)
        #expect(driver.queue.twin(isEvent: false) == 2 && driver.queue.twin(isEvent: true) == nil)
        _ = driver.request(3, event: true)
        #expect(driver.queue.twin(isEvent: false) == nil && driver.queue.twin(isEvent: true) == 3)
        _ = driver.job("a")
        #expect(driver.queue.twin(isEvent: true) == nil)
        _ = [driver.request(4), driver.close(5, .event)]
        #expect(driver.queue.twin(isEvent: false) == nil)
    }

    @Test("of Requests that became one each can be withdrawn, and the newest that is left runs")
    func withdrawTwin() {
        var driver = QueueDriver()
        _ = [driver.request(1), driver.request(2), driver.request(3, joins: true), driver.request(4, joins: true)]
        #expect([driver.withdraw(4), driver.withdraw(2)] == [true, true])
        #expect(driver.ended() == "run request 3")
        #expect(driver.ended() == "")
        _ = [driver.request(5), driver.request(6), driver.request(7, joins: true)]
        #expect(driver.ended() == "run request 7")
        #expect([driver.withdraw(6)] == [true] && driver.queue.load == 0)
        #expect(driver.ended() == "")
    }

    @Test("where the one that was to run is gone, the next that wanted the same runs, or the next in the line")
    func gone() {
        var driver = QueueDriver(isOpen: true)
        _ = [driver.request(1), driver.request(2), driver.request(3, joins: true), driver.request(4)]
        #expect(driver.ended() == "run request 3")
        #expect(driver.gone() == "run request 2")
        #expect(driver.gone() == "run request 4")
        _ = [driver.close(5), driver.close(6)]
        #expect(driver.ended() == "run close 5")
        #expect(driver.gone() == "run close 6")
        #expect(driver.gone() == "" && driver.queue.turn == .free && driver.queue.load == 0)
    }

    @Test("a line keeps its order over any number of comings and goings")
    func line() {
        var line = Line<Int>(), next = 0, expected = 0
        for round in 1...300 {
            for _ in 0..<(round % 7 * 5) {
                line.append(next)
                next += 1
            }
            for _ in 0..<(round % 5 * 7) {
                guard let first = line.popFirst() else { break }
                #expect(first == expected)
                expected += 1
            }
        }
        line.keep { $0 % 2 == 0 }
        while let first = line.popFirst() {
            expected += expected % 2
            #expect(first == expected)
            expected += 1
        }
        #expect(line.isEmpty && expected >= next - 1)
        line.append(1)
        line.prepend(0)
        #expect([line.popFirst(), line.popFirst(), line.popFirst()] == [0, 1, nil])
    }
}
