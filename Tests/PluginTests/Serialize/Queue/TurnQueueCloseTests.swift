// SPDX-License-Identifier: Apache-2.0
// What a Close does to those who wait and to what runs, and what becomes of one that fails.
internal import Testing

@testable internal import SerializeElement

@Suite("TurnQueue: Closes")
struct TurnQueueCloseTests {
    @Test("a Close of what is not open ends at once, or goes on below where that is wanted")
    func unknown() {
        var driver = QueueDriver()
        #expect([driver.close(1), driver.close(2, .event)] == ["1 done", "2 done"])
        driver.rules.forwardsUnknown = true
        #expect(driver.close(3, .event) == "3 done")
        #expect(driver.close(4) == "4 runs")
        #expect(driver.close(5) == "5 waits")
        #expect(driver.closed() == "5 done")
    }

    @Test("a Close from outside lets an outside Request finish, and cancels what waits")
    func waysCleared() {
        var driver = QueueDriver(isOpen: true)
        _ = [driver.request(1), driver.request(2), driver.job("a"), driver.request(3, event: true), driver.request(4)]
        #expect(driver.close(5) == "5 waits, 2 closing, a cancelled, 3 cancelled, 4 closing")
        #expect(driver.queue.load == 0)
        #expect(driver.ended() == "run close 5")
        #expect(driver.closed() == "")
    }

    @Test("a Close from outside ends an event Request, and what a job has begun")
    func abort() {
        var driver = QueueDriver(isOpen: true)
        #expect(driver.request(1, event: true) == "1 runs")
        #expect(driver.close(2) == "2 waits, abort")
        #expect(driver.ended(false) == "run close 2")
        _ = driver.closed()
        _ = [driver.request(3), driver.ended(), driver.job("a")]
        #expect([driver.begun()] == ["a"])
        #expect(driver.close(4) == "4 waits, abort")
        #expect(driver.finished() == "run close 4")
    }

    @Test("a Close from outside takes the turn of a job that has not begun")
    func jobNotBegun() {
        var driver = QueueDriver(isOpen: true)
        #expect(driver.job("a") == "run job")
        #expect(driver.close(1) == "1 runs, a cancelled")
        #expect([driver.begun()] == [nil])
    }

    @Test("a Close that an element began waits its turn behind what came before it")
    func eventClose() {
        var driver = QueueDriver(isOpen: true)
        _ = [driver.request(1), driver.request(2)]
        #expect(driver.close(3, .event) == "3 waits")
        #expect(driver.ended() == "run request 2")
        #expect(driver.ended() == "run close 3")
    }

    @Test("Closes that wait become one, in the oldest place, and all get its result")
    func coalesce() {
        var driver = QueueDriver(isOpen: true)
        _ = [driver.request(1), driver.close(2, .event), driver.request(3)]
        #expect(driver.close(4) == "4 waits, 3 closing")
        #expect(driver.close(5) == "5 waits")
        #expect(driver.ended() == "run close 2")
        #expect(driver.closed() == "4 same, 5 same")
    }

    @Test("what comes after a Close waits for it; what was there before it is cancelled")
    func beforeAndAfter() {
        var driver = QueueDriver(isOpen: true)
        _ = driver.close(1)
        #expect([driver.request(2), driver.close(3)] == ["2 waits", "3 waits, 2 closing"])
        #expect(driver.request(4) == "4 waits")
        #expect(driver.closed() == "3 done, run request 4")
    }

    @Test("a Close behind a first Request that failed has nothing to close")
    func closeAfterFailure() {
        var driver = QueueDriver()
        _ = [driver.request(1), driver.close(2)]
        #expect(driver.ended(false) == "2 done")
    }

    @Test("a Close for another endpoint leaves the connection open, and is no Close that others join")
    func reselection() {
        var driver = QueueDriver(isOpen: true)
        #expect([driver.close(1, .reselection), driver.close(2, .reselection), driver.close(3, .event)] == ["1 runs", "2 waits", "3 waits"])
        #expect(driver.closed(.unchanged) == "run close 2")
        #expect(driver.closed(.unchanged) == "run close 3")
    }

    @Test("a Close from outside overtakes one for another endpoint, which is answered as it is")
    func overtaken() {
        var driver = QueueDriver(isOpen: true)
        _ = [driver.request(1), driver.close(2, .reselection)]
        #expect(driver.close(3) == "3 waits")
        #expect(driver.ended() == "run close 3")
        #expect(driver.closed() == "2 same")
    }

    @Test("where a guard has refused a Close, the others that wanted one have their turn")
    func refused() {
        var driver = QueueDriver(isOpen: true)
        _ = [driver.request(1), driver.close(2), driver.close(3), driver.close(4), driver.request(5)]
        #expect(driver.ended() == "run close 2")
        #expect(driver.closed(.refused) == "run close 3")
        #expect(driver.closed() == "4 same, run request 5")
    }

    // MARK: Failures

    @Test("a Close that failed is tried again, later each time, until it succeeds")
    func retry() {
        var driver = QueueDriver(isOpen: true)
        #expect(driver.close(1) == "1 runs")
        #expect(driver.closed(.kept) == "retry after 1")
        #expect(driver.retryIsDue() == "close again")
        #expect(driver.close(2, .retry) == "2 runs")
        #expect(driver.closed(.kept) == "retry after 2")
        _ = [driver.retryIsDue(), driver.close(3, .retry)]
        #expect(driver.closed() == "")
        #expect(driver.retryIsDue() == "" && driver.queue.failures == 0)
        let pauses = (1...9).map { QueueDriver.Queue.pause(after: $0) }
        #expect(pauses == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(16), .seconds(30), .seconds(30), .seconds(30)])
    }

    @Test("where the path has no end there are ten retries; else they go on to its end")
    func lastRetry() {
        var driver = QueueDriver(isOpen: true)
        _ = driver.close(0)
        for failures in 0..<10 {
            #expect(driver.queue.keepsAfterFailure(isExpired: nil), "after \(failures)")
            _ = [driver.closed(.kept), driver.retryIsDue(), driver.close(1, .retry)]
        }
        #expect(!driver.queue.keepsAfterFailure(isExpired: nil))
        #expect(driver.queue.keepsAfterFailure(isExpired: false) && !driver.queue.keepsAfterFailure(isExpired: true))
    }

    @Test("what was never open is not kept")
    func unknownIsNotKept() {
        var driver = QueueDriver(rules: TurnRules(forwardsUnknown: true))
        _ = driver.close(1)
        #expect(!driver.queue.keepsAfterFailure(isExpired: nil))
    }

    @Test("a Request ends the retries and runs; it waits for a retry that runs, or is on its way")
    func requestEndsRetries() {
        var driver = QueueDriver(isOpen: true)
        _ = [driver.close(1), driver.closed(.kept)]
        #expect(driver.request(2) == "2 runs, forget retry")
        #expect(driver.retryIsDue() == "" && !driver.queue.isKept)
        _ = [driver.ended(), driver.close(3), driver.closed(.kept), driver.retryIsDue()]
        #expect(driver.request(4) == "4 waits")
        #expect(driver.close(5, .retry) == "5 runs")
        #expect(driver.closed(.kept) == "run request 4")
        #expect(driver.queue.failures == 0)
    }

    @Test("a Close that comes between two tries is one; one that waited for a try is the next")
    func closeIsATry() {
        var driver = QueueDriver(isOpen: true)
        _ = [driver.close(1), driver.closed(.kept)]
        #expect(driver.close(2) == "2 runs, forget retry")
        #expect(driver.close(3) == "3 waits")
        #expect(driver.closed(.kept) == "run close 3")
        #expect(driver.closed(.kept) == "retry after 3")
    }

    @Test("those who waited for a Close that failed are told so, and it is tried again")
    func followersOfAFailure() {
        var driver = QueueDriver(isOpen: true)
        _ = [driver.request(1), driver.close(2), driver.close(3), driver.ended()]
        #expect(driver.closed(.kept) == "3 same, retry after 1")
    }

    @Test("a retry that never comes to the anchor gives its turn back")
    func lostRetry() {
        var driver = QueueDriver(isOpen: true)
        _ = [driver.close(1), driver.closed(.kept), driver.retryIsDue(), driver.request(2)]
        #expect(driver.retryIsLost() == "run request 2")
        _ = [driver.ended(), driver.close(3), driver.closed(.kept), driver.retryIsDue()]
        driver.isOpen = false
        #expect(driver.request(4) == "4 runs")
    }

    @Test("a retry that comes when none is wanted ends at once")
    func unwantedRetry() {
        var driver = QueueDriver(isOpen: true)
        #expect(driver.close(1, .retry) == "1 done")
        #expect(driver.request(2) == "2 runs")
        #expect(driver.close(3, .retry) == "3 done")
    }
}
