// SPDX-License-Identifier: Apache-2.0
// Who heals, when, and how: the machine of one connection as a value. What the element makes of it is in HealTests.
internal import Testing

@testable internal import HealElement

@Suite("HealState")
struct HealStateTests {
    @Test("the first Request that succeeds begins the watch, and those that follow begin nothing")
    func watch() {
        var driver = HealDriver(isNew: true, { $0.maxFailures = 3 })
        #expect(driver.sees(.missing) == "")
        #expect([driver.begins(), driver.succeeded()] == ["", "watch, check"])
        #expect(driver.state.isQuiet)
        #expect([driver.begins(), driver.succeeded(), driver.begins(), driver.failed()] == ["", "", "", ""])
        #expect(driver.state.phase == .up)
    }

    @Test("a Request that failed heals nothing and ends no watch")
    func failedRefresh() {
        var driver = HealDriver()
        #expect([driver.begins(), driver.failed()] == ["", ""])
        #expect(driver.state.phase == .up && driver.state.isWatched)
    }

    @Test(
        "who heals at once, and how: reference 4.2's truth table, and the forwarder that never chooses",
        arguments: [
            (HealRole.client, false, HealSight.deleted, false, "reselect"), (.client, false, .missing, false, "reselect"),
            (.client, true, .deleted, false, "request"), (.client, true, .missing, false, "request"),
            (.client, true, .deleted, true, "reselect"), (.client, true, .missing, true, "reselect"), (.client, true, .up, true, "reselect"),
            (.forwarder, false, .deleted, false, "request"), (.forwarder, false, .missing, false, "request"),
            (.forwarder, true, .up, true, "request"), (.forwarder, true, .missing, true, "request"),
        ])
    func truthTable(role: HealRole, hasCheck: Bool, sight: HealSight, isDead: Bool, kind: String) {
        var driver = HealDriver(role, checked: hasCheck)
        let first = driver.sees(sight), then = isDead ? driver.dies() : ""
        #expect([first, then].filter { !$0.isEmpty } == ["ask"])
        #expect(driver.place() == kind)
    }

    @Test("a relayed DOWN is somebody else's to heal: a forwarder waits for ever, a client as long as it was told")
    func down() {
        var forwarder = HealDriver(.forwarder), client = HealDriver()
        #expect([forwarder.sees(.down), client.sees(.down), client.sees(.down)] == ["", "wait 10000", ""])
        #expect([client.time(after: 10_000), client.place()] == ["ask", "reselect"])
        #expect(client.notes == [.suspect(.down), .heals(.down, reselects: true)])
    }

    @Test("an UP in time is all that was waited for", arguments: [HealSight.down, .lost])
    func upInTime(sight: HealSight) {
        var driver = HealDriver()
        #expect([driver.sees(sight), driver.sees(.up)] == ["wait 10000", "stop waiting"])
        #expect(driver.state.phase == .up && driver.notes == [.suspect(sight), .isUp(attempts: 0)])
    }

    @Test("the time of others is counted from the first bad news, whatever comes in between")
    func oneTime() {
        var driver = HealDriver()
        #expect([driver.sees(.down), driver.sees(.lost), driver.sees(.down)] == ["wait 10000", "", ""])
        #expect(driver.time(after: 10_000) == "ask")
    }

    @Test("while the way is lost a forwarder tries nothing, and heals as soon as the connection is known to be missing")
    func lostForwarder() {
        var driver = HealDriver(.forwarder)
        #expect([driver.sees(.lost), driver.sees(.lost)] == ["", ""])
        driver.pass(60_000)
        #expect([driver.sees(.missing), driver.place(), driver.own(true)] == ["ask", "request", "leave"])
        #expect(driver.notes == [.suspect(.lost), .heals(.missing, reselects: false), .isUp(attempts: 1)])
    }

    @Test("a way that is lost again is tried again, once")
    func lostTwice() {
        var driver = HealDriver()
        _ = [driver.sees(.lost), driver.time(after: 10_000), driver.place(), driver.own(false)]
        #expect([driver.sees(.missing), driver.time(after: 100), driver.place()] == ["wait 100", "ask", "reselect"])
        #expect([driver.sees(.lost), driver.own(false)] == ["", "leave, wait 200"])
        #expect([driver.time(after: 200), driver.place(), driver.own(false)] == ["ask", "reselect", "leave"])
        #expect(driver.state.phase == .suspect)
    }

    @Test("while the way is lost a client tries once for another endpoint, and then waits for news")
    func lostClient() {
        var driver = HealDriver()
        #expect([driver.sees(.lost), driver.time(after: 10_000), driver.place()] == ["wait 10000", "ask", "reselect"])
        #expect(driver.own(false) == "leave")
        #expect(driver.state.phase == .suspect)
        driver.pass(60_000)
        #expect([driver.sees(.lost), driver.sees(.missing), driver.place()] == ["", "ask", "reselect"])
    }

    @Test("a way that is lost while it heals stops attempts, whatever they are at")
    func lostMeanwhile() {
        var queued = HealDriver(.forwarder), requesting = HealDriver(.forwarder), pausing = HealDriver(.forwarder)
        #expect([queued.sees(.missing), queued.sees(.lost)] == ["ask", "leave"])
        _ = [requesting.sees(.missing), requesting.place()]
        #expect([requesting.sees(.lost), requesting.own(false)] == ["", "leave"])
        _ = [pausing.sees(.missing), pausing.place(), pausing.own(false)]
        #expect(pausing.sees(.lost) == "stop waiting")
        #expect([queued, requesting, pausing].map(\.state.phase) == [.suspect, .suspect, .suspect])
    }

    @Test("an UP ends healing between attempts, and a Request that is under way is let finish")
    func upMeanwhile() {
        var queued = HealDriver(.forwarder), requesting = HealDriver(.forwarder), pausing = HealDriver(.forwarder)
        #expect([queued.sees(.missing), queued.sees(.up)] == ["ask", "leave"])
        _ = [requesting.sees(.missing), requesting.place()]
        #expect([requesting.sees(.up), requesting.own(false)] == ["", "leave"])
        _ = [pausing.sees(.missing), pausing.place(), pausing.own(false)]
        #expect(pausing.sees(.up) == "stop waiting")
        #expect([queued, requesting, pausing].map(\.state.phase) == [.up, .up, .up])
    }

    @Test("checks are counted anew after a Request that succeeded")
    func countedAnew() {
        var driver = HealDriver(checked: true)
        _ = [driver.dies(), driver.place(), driver.own(true)]
        driver.pass(1_000)
        #expect([driver.checked(false), driver.checked(false), driver.checked(false)] == ["", "", "ask"])
    }

    @Test("data that comes back to life needs no Request")
    func aliveAgain() {
        var driver = HealDriver(checked: true)
        _ = [driver.dies(), driver.place(), driver.own(false)]
        driver.state.sight = .up
        #expect(driver.checked(true) == "stop waiting")
        #expect(driver.state.phase == .up)
    }

    @Test("what has been closed for another endpoint is not up because its data was fine once more")
    func closedForAnother() {
        var driver = HealDriver(checked: true)
        _ = [driver.dies(), driver.place()]
        #expect(driver.own(false) == "leave, wait 100")
        #expect(driver.checked(true) == "")
        #expect([driver.time(after: 100), driver.place()] == ["ask", "reselect"])
    }

    @Test("fewer failed checks than were agreed on say nothing, and one that is good begins the count anew")
    func checks() {
        var driver = HealDriver(checked: true)
        #expect([driver.checked(false), driver.checked(false), driver.sees(.up), driver.checked(true)] == ["", "", "", ""])
        #expect([driver.checked(false), driver.checked(false), driver.sees(.up), driver.checked(false)] == ["", "", "", "ask"])
    }

    @Test("a check that fails while a client heals what its next hop has lost makes it choose another endpoint from then on")
    func diesMeanwhile() {
        var driver = HealDriver(checked: true)
        #expect([driver.sees(.missing), driver.place(), driver.own(false)] == ["ask", "request", "leave, wait 100"])
        #expect([driver.dies(), driver.time(after: 100), driver.place()] == ["", "ask", "reselect"])
    }
}
