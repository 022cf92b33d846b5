// SPDX-License-Identifier: Apache-2.0
// Attempts of one connection: their pace, their bounds, and who else may come in between.
internal import Testing

@testable internal import HealElement

@Suite("HealState: attempts")
struct HealStateAttemptTests {
    @Test("the first attempt is at once, the others after pauses that double up to the longest")
    func backoff() {
        var driver = HealDriver(.forwarder)
        _ = driver.sees(.missing)
        var pauses: [String] = []
        for _ in 0..<8 {
            #expect(driver.place() == "request")
            pauses.append(driver.own(false))
            _ = driver.time(after: 5_000)
        }
        #expect(pauses == [100, 200, 400, 800, 1_600, 2_500, 2_500, 2_500].map { "leave, wait \($0)" })
    }

    @Test("pauses differ by chance and stay between the first and the longest", arguments: 0...70)
    func jitter(attempts: Int) {
        let rules = HealDriver.rules
        let pauses = [0, 1, 12_345, .max / 3, .max].map { rules.pause(after: attempts, chance: $0) }
        #expect(pauses.allSatisfy { $0 >= rules.backoff && $0 <= rules.backoffMax })
        #expect(attempts == 0 || Set(pauses).count > 1)
    }

    @Test("pauses are right for the longest times that can be written")
    func longest() {
        let rules = HealRules(reselectAfter: .max, backoff: .max, backoffMax: .max, maxAttempts: 0)
        #expect(rules.pause(after: 40, chance: 9) == .max)
        let one = HealRules(reselectAfter: 1, backoff: 1, backoffMax: 1, maxAttempts: 0)
        #expect([0, 1, 90].map { one.pause(after: $0, chance: 7) } == [1, 1, 1])
    }

    @Test("what is heard just after a Request may be older than it: the attempt waits, and an UP is all it takes")
    func staleNews() {
        var driver = HealDriver(isNew: true)
        _ = [driver.begins(), driver.succeeded()]
        driver.pass(30)
        #expect([driver.sees(.deleted), driver.sees(.up)] == ["wait 70", "stop waiting"])
        #expect([driver.sees(.deleted), driver.time(after: 70)] == ["wait 70", "ask"])
    }

    @Test("a connection that is lost again and again is healed more and more slowly, until it has been up for long")
    func flapping() {
        var driver = HealDriver(.forwarder)
        #expect([driver.sees(.deleted), driver.place(), driver.own(true)] == ["ask", "request", "leave"])
        #expect([driver.sees(.deleted), driver.time(after: 100), driver.place(), driver.own(true)] == ["wait 100", "ask", "request", "leave"])
        #expect([driver.sees(.deleted), driver.time(after: 200), driver.place(), driver.own(true)] == ["wait 200", "ask", "request", "leave"])
        driver.pass(1_000)
        #expect([driver.sees(.deleted), driver.place(), driver.own(true)] == ["ask", "request", "leave"])
        driver.pass(10_000)
        #expect([driver.sees(.deleted), driver.place(), driver.own(true)] == ["ask", "request", "leave"])
        #expect(driver.sees(.deleted) == "wait 100")
    }

    @Test("a Request that the next hop leaves without a word gives the transport up, but for one that is known to be lost")
    func silence() {
        var driver = HealDriver(.forwarder), lost = HealDriver(.forwarder)
        _ = [driver.sees(.missing), driver.place()]
        #expect(driver.own(false, unanswered: true) == "leave, retire, wait 100")
        _ = [lost.sees(.missing), lost.place(), lost.sees(.lost)]
        #expect(lost.own(false, unanswered: true) == "leave")
    }

    // MARK: Bounds

    @Test("after as many attempts as may be it gives up, until there is news or a Request")
    func maxAttempts() {
        var driver = HealDriver(.forwarder) { $0.maxAttempts = 2 }
        _ = [driver.sees(.missing), driver.place(), driver.own(false), driver.time(after: 100), driver.place()]
        #expect(driver.own(false) == "leave")
        #expect(driver.state.phase == .gaveUp && driver.notes.last == .givesUp(attempts: 2, isExpired: false))
        driver.pass(20_000)
        var other = driver
        #expect([driver.sees(.missing), driver.place()] == ["ask", "request"])
        #expect([other.begins(), other.succeeded()] == ["", ""])
        #expect(other.state.phase == .up && other.notes.last == .isUp(attempts: 2))
    }

    @Test("no attempt is begun that the end of the path would meet, and none after it")
    func expiry() {
        var pausing = HealDriver(.forwarder), late = HealDriver(.forwarder), queued = HealDriver(.forwarder)
        pausing.until = pausing.now + 100
        _ = [pausing.sees(.missing), pausing.place()]
        #expect(pausing.own(false) == "leave")
        late.until = late.now
        #expect(late.sees(.missing) == "")
        _ = queued.sees(.missing)
        queued.until = queued.now
        #expect(queued.place() == "leave")
        for driver in [pausing, late, queued] {
            #expect(driver.state.phase == .gaveUp && driver.notes.last.map { if case .givesUp(_, true) = $0 { true } else { false } } == true)
        }
    }

    @Test("a failed check does not end giving up, one that is good does")
    func checksAfterGivingUp() {
        var driver = HealDriver(.forwarder, checked: true) { $0.maxAttempts = 1 }
        _ = [driver.dies(), driver.place(), driver.own(false)]
        #expect([driver.checked(false), driver.checked(false)] == ["", ""])
        #expect(driver.state.phase == .gaveUp)
        #expect(driver.checked(true) == "" && driver.state.phase == .up)

        var missing = HealDriver(.forwarder, checked: true) { $0.maxAttempts = 1 }
        _ = [missing.sees(.missing), missing.place(), missing.own(false)]
        #expect(missing.dies() == "" && missing.state.phase == .gaveUp)
    }

    // MARK: Others

    @Test("a Request from outside takes the place of an attempt, whatever that is at")
    func outside() {
        var queued = HealDriver(.forwarder), requesting = HealDriver(.forwarder), pausing = HealDriver(.forwarder)
        #expect([queued.sees(.missing), queued.begins(), queued.succeeded()] == ["ask", "leave", ""])
        _ = [requesting.sees(.missing), requesting.place()]
        #expect([requesting.begins(), requesting.succeeded(), requesting.own(false)] == ["withdraw", "", "leave"])
        _ = [pausing.sees(.missing), pausing.place(), pausing.own(false)]
        #expect([pausing.begins(), pausing.succeeded()] == ["stop waiting", ""])
        #expect([queued, requesting, pausing].map(\.state.phase) == [.up, .up, .up])
    }

    @Test("one that fails counts as an attempt, and healing goes on after a pause")
    func outsideFails() {
        var driver = HealDriver(.forwarder)
        #expect([driver.sees(.missing), driver.begins(), driver.failed()] == ["ask", "leave", "wait 100"])
        #expect([driver.time(after: 100), driver.place(), driver.own(false)] == ["ask", "request", "leave, wait 200"])
    }

    @Test("what is lost while a Request from outside runs waits for its end")
    func lostDuringOutside() {
        var driver = HealDriver(.forwarder)
        #expect([driver.begins(), driver.sees(.missing), driver.failed()] == ["", "", "wait 100"])
        #expect(driver.state.phase == .healing(.pausing))
    }

    @Test("a withdrawn Request has to end before another is begun")
    func withdrawn() {
        var driver = HealDriver(.forwarder)
        _ = [driver.sees(.missing), driver.place()]
        #expect([driver.begins(), driver.failed(), driver.time(after: 200)] == ["withdraw", "wait 200", ""])
        #expect(driver.own(false) == "leave, ask")
        #expect(driver.place() == "request")
    }

    // MARK: Closes

    @Test("a Close ends everything at once")
    func close() {
        var requesting = HealDriver(checked: true), suspect = HealDriver()
        _ = [requesting.sees(.missing), requesting.place()]
        #expect(requesting.closes() == "withdraw, stop watching, stop checking")
        #expect([requesting.own(false), requesting.sees(.missing), requesting.checked(false)] == ["leave", "", ""])
        _ = suspect.sees(.down)
        #expect(suspect.closes() == "stop waiting, stop watching")
        #expect([requesting, suspect].map(\.state.phase) == [.closing, .closing])
    }

    @Test("a Request after a Close that failed, and a Close that was refused, begin it all again")
    func afterClose() {
        var again = HealDriver(), refused = HealDriver()
        #expect([again.closes(), again.begins(), again.succeeded()] == ["stop watching", "", "watch"])
        #expect([refused.closes(), refused.closeRefused()] == ["stop watching", "watch"])
        #expect([again, refused].map(\.state.phase) == [.up, .up])
        #expect(again.closeRefused() == "")
    }

    @Test("the slot's end leaves nothing behind, and says so if the connection goes on elsewhere")
    func end() {
        var requesting = HealDriver(), suspect = HealDriver()
        _ = [requesting.sees(.missing), requesting.place()]
        #expect(requesting.ends(isReplaced: true) == "leave, stop watching")
        #expect(requesting.notes.last == .isUp(attempts: 1))
        _ = suspect.sees(.down)
        #expect(suspect.ends() == "stop waiting, stop watching")
        #expect(suspect.notes == [.suspect(.down)])
    }
}
