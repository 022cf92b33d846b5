// SPDX-License-Identifier: Apache-2.0
// What the feed of a chain tells, to whom and in which order; and that nothing stays in it that is not there any more.

import CatenaABI
import Synchronization
import Testing

@testable import CatenaChain

/// Writes down what it hears; wants connections whose text begins with something.
private final class Listener: MonitorSubscriber {
    private let prefix: String
    private let heard = Mutex<[String]>([])
    private let asked = Atomic(0)

    init(_ prefix: String = "") { self.prefix = prefix }

    func wants(_ message: OpaquePointer) -> Bool {
        asked.add(1, ordering: .relaxed)
        return TestMessage.of(message)?.text(CATENA_F_CONNECTION).hasPrefix(prefix) ?? false
    }

    func hear(_ news: MonitorNews) {
        let told = { (word: String, one: MonitoredConnection) in "\(word) \(one.id) \(TestMessage.of(one.message)?.text(CATENA_F_CONNECTION) ?? "")" }
        let line = switch news {
        case .present(let one): told("present", one)
        case .complete: "complete"
        case .update(let one): told("update", one)
        case .delete(let one): told("delete", one)
        case .over: "over"
        }
        heard.withLock { $0.append(line) }
    }

    var timesAsked: Int { asked.load(ordering: .relaxed) }

    func take() -> [String] {
        heard.withLock { heard in
            defer { heard = [] }
            return heard
        }
    }
}

@Suite("The feed of a chain")
struct MonitorFeedTests {
    /// An element that publishes what passes it on the way out.
    private static func publisher(_ scripts: [Hook: [Act]] = [:]) -> ScriptedElement {
        let publishes: [Hook: [Act]] = [
            .requestReply: [.run { instance, hop in
                instance.publish(CATENA_MONITOR_UPDATE, hop)
                return .next
            }],
            .closeReply: [.run { instance, hop in
                instance.publish(CATENA_MONITOR_DELETE, hop)
                return .next
            }],
        ]
        let element = ScriptedElement("m", publishes.merging(scripts) { $1 })
        element.serves = 0
        return element
    }

    private static func with(_ element: ScriptedElement = publisher(), loops: Int = 1, _ body: (Bench, MonitorFeed) throws -> Void) throws {
        try Bench.with(.served("chain", .anchor(), element), loops: loops) { bench in
            #expect(bench.journal.take() == ["m.serve OK"])
            try body(bench, try #require(bench.engine.chain(named: "chain")?.monitor))
        }
    }

    @Test("a subscriber hears what is there, that this was all, and then each change in its order")
    func order() throws {
        try Self.with { bench, feed in
            bench.call(.request, "one", connection: "a")
            let listener = Listener()
            feed.subscribe(listener)
            #expect(listener.take() == ["present one a", "complete"])
            bench.call(.request, "one", connection: "b")
            bench.call(.request, "two", connection: "c")
            bench.call(.close, "one", connection: "d")
            bench.call(.request, "one", connection: "e")
            #expect(listener.take() == ["update one b", "update two c", "delete one d", "update one e"])
            let late = Listener()
            feed.subscribe(late)
            #expect(Set(late.take()) == ["present one e", "present two c", "complete"])
        }
    }

    @Test("each hears of what it wants; of an end also who wanted the connection as it was before")
    func choice() throws {
        try Self.with { bench, feed in
            let (a, b) = (Listener("a"), Listener("b"))
            feed.subscribe(a)
            feed.subscribe(b)
            bench.call(.request, "one", connection: "a1")
            bench.call(.request, "two", connection: "b1")
            bench.call(.close, "one", connection: "nothing")
            #expect(a.take() == ["complete", "update one a1", "delete one nothing"])
            #expect(b.take() == ["complete", "update two b1"])
        }
    }

    @Test("a subscriber that has left hears nothing, and is not asked; the status counts the others")
    func unsubscribe() throws {
        try Self.with { bench, feed in
            let (gone, here) = (Listener(), Listener())
            feed.subscribe(gone)
            feed.subscribe(here)
            #expect(bench.engine.status().holdings.subscribers == 2)
            feed.unsubscribe(gone)
            feed.unsubscribe(gone)
            bench.call(.request, "one")
            #expect(gone.take() == ["complete"] && gone.timesAsked == 0 && here.take().count == 2)
            #expect(bench.engine.status().holdings.subscribers == 1)
            feed.unsubscribe(here)
            #expect(bench.engine.status().holdings.subscribers == 0)
        }
    }

    @Test("an end that nobody was told of is told once", arguments: ["rollback", "removed", "expired"])
    func silentEnd(how: String) throws {
        // Never says DELETE itself.
        let m = Self.publisher([.closeReply: [.next]])
        let anchor = ScriptedElement.anchor("s", how == "rollback" ? [.requestReply: [.next]] : [:])
        let above = ScriptedElement("a", how == "rollback" ? [.requestReply: [.fail()]] : [:])
        try Bench.with(.served("chain", anchor, above, m)) { bench in
            let listener = Listener()
            let feed = try #require(bench.engine.chain(named: "chain")?.monitor)
            feed.subscribe(listener)
            if how == "expired" {
                m.set(.request, .later(.next))
                let caller = TestCaller(name: "caller", journal: bench.journal)
                let call = bench.begin(.request, by: caller)
                bench.loops[0].enter { call?.callerLeft(isLate: false) }
                bench.advance(.seconds(60))
            } else {
                bench.call(.request)
            }
            if how == "removed" {
                let connection = try #require(bench.engine.served[0].connections.all().first)
                let s = anchor.instance
                bench.loops[0].enter { #expect(s.anchors.end(s.host, connection.number, CATENA_REMOVED) == CATENA_OK) }
                bench.run()
            }
            #expect(listener.take() == ["complete", "update id new", "delete id new"])
            #expect(bench.connectionCount == 0)
            let late = Listener()
            feed.subscribe(late)
            #expect(late.take() == ["complete"])
        }
    }

    @Test("a DELETE of what was never published, or is gone already, tells nobody")
    func unknown() throws {
        try Self.with { bench, feed in
            let listener = Listener()
            feed.subscribe(listener)
            bench.call(.close, "one")
            bench.call(.request, "two")
            bench.call(.close, "two")
            bench.call(.close, "two")
            #expect(listener.take() == ["complete", "update two new", "delete two new"])
        }
    }

    @Test("when the chain stops its connections are not deleted: it is over, for newcomers too")
    func over() throws {
        let (listener, late) = (Listener(), Listener())
        var feed: MonitorFeed?
        try Self.with { bench, its in
            its.subscribe(listener)
            bench.call(.request, "one")
            feed = its
        }
        #expect(listener.take() == ["complete", "update one new", "over"])
        feed?.subscribe(late)
        #expect(late.take() == ["over"] && feed?.subscriberCount == 0)
    }

    @Test("the default queue is the header's, another one is the element's")
    func queue() throws {
        try Self.with { _, feed in #expect(feed.queue == 4096) }
        let m = Self.publisher()
        m.serves = 7
        try Self.with(m) { _, feed in #expect(feed.queue == 7) }
    }

    @Test("a served chain is served once; a client chain and one that begins its connections are not")
    func refused() throws {
        let (first, second, inside) = (Self.publisher(), ScriptedElement("n"), ScriptedElement("o"))
        second.serves = 1
        inside.serves = 1
        second.uses = ["client"]
        try Bench.with(.served("chain", .anchor(), first, second), .client("client", inside)) { bench in
            #expect(Set(bench.journal.take()) == ["m.serve OK", "n.serve FAILED_PRECONDITION", "o.serve FAILED_PRECONDITION"])
        }
        try Bench.with(TestChain(name: "chain", role: .opened, elements: [.anchor(), Self.publisher()])) { bench in
            #expect(bench.journal.take() == ["m.serve FAILED_PRECONDITION"])
        }
    }

    @Test("misuse changes nothing, and the log names who")
    func misuse() throws {
        let stranger = ScriptedElement("x")
        try Bench.with(.served("chain", .anchor(), Self.publisher(), stranger)) { bench in
            bench.open()
            let x = stranger.instance
            let server = bench.elements[1].instance
            let number = try #require(bench.engine.served[0].connections.all().first).number
            let message = bench.bank.owned(id: "id")
            let publish = { (who: ScriptedInstance, number: UInt64, event: UInt32, message: OpaquePointer?) in
                who.monitors.publish(who.host, number, event, message)
            }
            bench.loops[0].enter {
                #expect(publish(x, number, CATENA_MONITOR_UPDATE, message.pointer) == CATENA_MISUSE)
                #expect(publish(server, number, 3, message.pointer) == CATENA_MISUSE)
                #expect(publish(server, number, CATENA_MONITOR_UPDATE, nil) == CATENA_MISUSE)
                #expect(publish(server, number + 1000, CATENA_MONITOR_UPDATE, message.pointer) == CATENA_GONE)
                #expect(server.monitors.serve(server.host, 1) == CATENA_MISUSE)
            }
            #expect(publish(server, number, CATENA_MONITOR_UPDATE, message.pointer) == CATENA_MISUSE)
            #expect(bench.log.lines.filter { $0.contains("element misbehaves") }.map { $0.split(separator: " ")[1] } == [
                "chain/x:", "chain/m:", "chain/m:", "chain/m:", "chain/m:",
            ])
        }
    }

    @Test("subscribers that come and go while calls run see, each, one true story", .timeLimit(.minutes(1)))
    func storm() async throws {
        try await FeedStorm.run()
    }
}

/// Loops of their own threads, calls on all of them, and subscribers from elsewhere: what one hears must be a history.
private enum FeedStorm {
    final class Historian: MonitorSubscriber {
        struct State {
            var alive: Set<String> = []
            var isComplete = false
            var mistakes: [String] = []
        }
        let state = Mutex(State())

        func wants(_ message: OpaquePointer) -> Bool { true }

        func hear(_ news: MonitorNews) {
            state.withLock { state in
                switch news {
                case .present(let one):
                    if state.isComplete { state.mistakes.append("present after complete") }
                    if !state.alive.insert(one.id).inserted { state.mistakes.append("present twice") }
                case .complete: state.isComplete = true
                case .update(let one):
                    if !state.isComplete { state.mistakes.append("update before complete") }
                    state.alive.insert(one.id)
                case .delete(let one):
                    if state.alive.remove(one.id) == nil { state.mistakes.append("deleted what was not there") }
                case .over: break
                }
            }
        }
    }

    private final class Audience: Sendable {
        let isOver = Atomic(false)
        let all = Mutex<[Historian]>([])
    }

    private static var publisher: ScriptedElement {
        let element = ScriptedElement("m")
        element.serves = 0
        element.rule = { hook, instance, hop, failed in
            if hook == .requestReply, !failed { instance.publish(CATENA_MONITOR_UPDATE, hop) }
            if hook == .closeReply { instance.publish(CATENA_MONITOR_DELETE, hop) }
            return .next
        }
        return element
    }

    static func run() async throws {
        let chain = TestChain.served("chain", .anchor(), publisher)
        let bench = try Bench([chain], loops: 2)
        let feed = try #require(bench.engine.chain(named: "chain")?.monitor)
        let audience = Audience()
        let coming = Task.detached {
            while !audience.isOver.load(ordering: .acquiring) {
                let one = Historian()
                feed.subscribe(one)
                audience.all.withLock { $0.append(one) }
                await Task.yield()
                feed.unsubscribe(one)
            }
        }
        for round in 0..<2_000 {
            bench.call(round % 3 == 2 ? .close : .request, "id-\(round % 7)", loop: round % 2)
            if round % 50 == 0 { await Task.yield() }
        }
        audience.isOver.store(true, ordering: .releasing)
        await coming.value
        let all = audience.all.withLock { $0 }
        #expect(all.count > 1 && all.allSatisfy { $0.state.withLock { $0.mistakes.isEmpty && $0.isComplete } })
        bench.end(#_sourceLocation)
    }
}
