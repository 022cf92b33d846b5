// SPDX-License-Identifier: Apache-2.0
// A chain around the element under test, run by the host's own engine with the host's own messages. Only what would take
// time or a socket is the test's: the loop, the clock, the next hop.
public import CatenaElement
internal import CatenaChain
internal import Synchronization

/// A chain on a bench: an element between its neighbours, with a clock that stands still.
///
///     @Test("a Request gets the node's labels, a Close passes", arguments: ElementForm.allCases)
///     func labels(form: ElementForm) async throws {
///         let below = Neighbour("below")
///         try await ChainBench.run([.anchor, .element(Labels.self, form, config: ["node": "n-1"]), .neighbour(below)]) { bench in
///             #expect(bench.request("id-1").message?[label: "node"] == "n-1")
///             #expect(bench.close("id-1").isGood)
///             #expect(bench.journal == ["labels request", "below request", "below request-reply", "below close", "below close-reply"])
///         }
///     }
///
/// The chain's name is `bench`: instances are `bench/labels`. Calls begin at its head, as if a caller had come; what passes
/// the last element turns round there, as at an endpoint. Nothing happens but when the test makes it happen: a call begins
/// and everything that can run runs, until all is quiet; ``advance(by:)`` lets time pass. One task uses it at a time.
///
/// When the body has returned, everything is closed, and what is left of messages, calls, slots and transports is thrown as
/// ``Leftovers``.
public final class ChainBench: Sendable {
    /// What client chains reach.
    public let nextHop: NextHop
    let engine: Engine
    let chain: LinkedChain
    let clock: ManualClock
    let loop: ManualLoop
    let bell: Doorbell
    let record: BenchRecord
    let ledger: MessageLedger
    let log: BenchLog
    let times: BenchTimes
    let watched: [WatchedType]
    let neighbours: [NeighbourType]
    let calls = Mutex<[BenchCall]>([])
    /// How many sights ``takeJournal()`` has taken.
    private let taken = Mutex(0)

    /// Makes a bench, runs the body, ends the bench.
    /// - Parameters:
    ///   - elements: the chain, from its head.
    ///   - clients: client chains, by the names that configs say.
    ///   - times: of the host's laws.
    ///   - side: `.client`: the chain is neither served nor used; it begins its own connections, with ``request(_:deadline:metadata:peer:_:)``
    ///     in place of the host.
    /// - Throws: ``BenchError``, what the body throws, or ``Leftovers``.
    public static func run<R>(
        _ elements: [BenchElement], clients: [String: [BenchElement]] = [:], times: BenchTimes = BenchTimes(), side: BenchSide = .server,
        isolation: isolated (any Actor)? = #isolation, _ body: (ChainBench) async throws -> R
    ) async throws -> R {
        let bench = try ChainBench(elements, clients: clients, times: times, side: side)
        try await bench.start()
        let result: R
        do {
            result = try await body(bench)
        } catch {
            _ = await bench.end()
            throw error
        }
        let left = await bench.end()
        if !left.isEmpty { throw left }
        return result
    }

    init(_ elements: [BenchElement], clients: [String: [BenchElement]], times: BenchTimes, side: BenchSide) throws(BenchError) {
        let bell = Doorbell(), clock = ManualClock(), record = BenchRecord(), ledger = MessageLedger(), log = BenchLog()
        let loop = ManualLoop(clock: clock, bell: bell)
        let nextHop = NextHop(loop: loop, ledger: ledger)
        var builder = ChainBuilder(record: record, loop: loop)
        var specs = [try builder.chain("bench", elements, side == .server ? .served : .opened)]
        for (name, elements) in clients.sorted(by: { $0.key < $1.key }) {
            specs.append(try builder.chain(name, elements, .used))
        }
        watched = builder.watched
        neighbours = builder.neighbours
        do throws(LinkError) {
            engine = try Engine(
                specs, loops: [loop], messages: MessageLedger.table, transports: NextHopFactory(nextHop: nextHop), log: log,
                options: times.options)
        } catch {
            throw BenchError(error, specs)
        }
        guard let chain = engine.chain(named: "bench") else { throw BenchError("the engine has not made the chain") }
        self.chain = chain
        (self.bell, self.clock, self.record, self.ledger) = (bell, clock, record, ledger)
        (self.log, self.loop, self.nextHop, self.times) = (log, loop, nextHop, times)
    }

    private func start(isolation: isolated (any Actor)? = #isolation) async throws(BenchError) {
        let said = Said(), bell = bell
        engine.start { error in said.set(error.map { ElementError(copying: $0) }, bell) }
        run()
        while said.answer == nil {
            await bell.wait()
            run()
        }
        if let error = said.answer?.error {
            engine.discard()
            forget()
            throw BenchError("\(error.origin): \(error)", element: error.origin)
        }
    }

    // MARK: Looking

    /// Everything that every element saw, in order; neighbours, and elements under test.
    public var sights: [Sight] { record.all }

    /// What the element of this name saw: of one hook, or of all.
    public func sights(of element: String, _ hook: HookName? = nil) -> [Sight] {
        record.all.filter { $0.element == element && (hook == nil || $0.hook == hook) }
    }

    /// The lines of all ``sights`` since ``takeJournal()``, but for those of the built-in anchor.
    public var journal: [String] { record.all.dropFirst(taken.withLock { $0 }).filter { $0.element != "anchor" }.map(\.line) }

    /// As ``journal``, which then begins anew.
    public func takeJournal() -> [String] {
        let lines = journal, count = record.all.count
        taken.withLock { $0 = count }
        return lines
    }

    /// Everything that was logged, by elements and by the engine.
    public var logLines: [LogLine] { log.lines }

    /// How much of what elements say is logged; nil: what each asks for itself, `.info` where it does not.
    public func setLogLevel(_ level: CatenaElement.LogLevel?) { engine.setLogLevel(level.flatMap { CatenaChain.LogLevel(rawValue: $0.rawValue) }) }

    /// How long until the timers of elements under test are due, soonest first.
    public var timers: [Duration] {
        watched.flatMap(\.timers.times).sorted().map { .nanoseconds(Int64(clamping: $0 > clock.now ? $0 - clock.now : 0)) }
    }

    /// How many connections the chain has.
    public var connectionCount: Int { engine.status().chains.first { $0.path == "bench" }?.connections ?? 0 }

    /// What cannot be copied fails the element that wants a copy, from now on. The engine's own copies are not refused.
    public func refuseCopies(_ isRefused: Bool = true) { ledger.refusesCopies = isRefused }
}
