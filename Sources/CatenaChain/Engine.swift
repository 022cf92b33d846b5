// SPDX-License-Identifier: Apache-2.0
// Everything that belongs to one set of linked chains: their instances, connections, transports and counters. Made from specs,
// started, given calls, stopped; it knows no socket and no file.

package import CatenaABI
internal import Synchronization

/// The chain engine.
///
/// Complete after `init`, and unchanged from then on but for what its members guard themselves.
public final class Engine: @unchecked Sendable {  // written in init, before any loop sees it
    public let options: EngineOptions
    /// The chains that are served or begin connections of their own, in the order of their specs.
    public private(set) var served: [LinkedChain] = []
    /// What was said about the configs that does not keep the chains from running.
    public private(set) var warnings: [LinkProblem] = []

    private(set) var homes: [Home] = []
    private(set) var instances: [Instance] = []
    private(set) var chains: [LinkedChain] = []
    let connectionIndex = ConnectionIndex()
    let calls = CallTable()
    let operations = OperationTable()
    let transports: TransportTable
    let messages: UnsafePointer<catena_message_api>
    private let sink: any LogSink
    /// CATENA_LOG_... that the operator asked for beyond what is configured; 0: nothing.
    private let levelOverride = Atomic<UInt32>(0)
    let underWay = CallsUnderWay()
    /// Legs that have not gone, and blocks of slots that have not been dropped.
    let legCount = Atomic<Int>(0)
    let slotCount = Atomic<Int>(0)
    private let stopping = Atomic<Bool>(false)
    /// The last call has ended, and connections are let go of.
    private let ending = Atomic<Bool>(false)
    /// Nobody is waited for any more.
    private let aborting = Atomic<Bool>(false)
    /// Elements are not heard any more: nothing new begins inside.
    var isStopping: Bool { stopping.load(ordering: .relaxed) }
    var isEnding: Bool { ending.load(ordering: .relaxed) }
    var isAborting: Bool { aborting.load(ordering: .relaxed) }

    /// Links and creates the chains.
    ///
    /// - Parameters:
    ///   - loops: where calls run; at least one.
    ///   - messages: the table "message/1". Must live as long as the process.
    /// - Throws: every problem of every chain; nothing is left behind.
    package init(
        _ specs: [ChainSpec], loops: [any ChainLoop], messages: UnsafePointer<catena_message_api>,
        transports factory: any TransportFactory, log sink: any LogSink, options: EngineOptions = EngineOptions()
    ) throws(LinkError) {
        self.options = options
        self.messages = messages
        self.sink = sink
        transports = TransportTable(factory: factory)
        homes = loops.enumerated().map { Home(number: $0.offset, loop: $0.element, engine: self) }
        var linker = ChainLinker(engine: self, specs: specs)
        served = try linker.link()
        instances = linker.instances
        chains = linker.chains
        ServiceTable.connect(instances)
        for home in homes { home.counters.allocate(counterCount) }
        try linker.create()
        warnings = linker.warnings
    }

    /// The home of the loop that runs this.
    package func currentHome() -> Home? { homes.first { $0.loop.isCurrent } }

    package func home(of loop: any ChainLoop) -> Home? { homes.first { $0.loop === loop } }

    package func chain(named name: String) -> LinkedChain? { served.first { $0.name == name } }

    /// The home of a leg, by the leg's number; any other number gives some home or other.
    func home(ofLeg number: UInt64) -> Home { homes[Int(number & (1 << Home.numberBits - 1)) % homes.count] }

    /// Runs `body` with a leg that it does not end; nil: there is none of this number. On the loop where the leg is at home.
    @inline(__always)
    func withLeg<Result>(_ number: UInt64, _ body: (Leg) -> Result?) -> Result? {
        Unmanaged.passUnretained(home(ofLeg: number))._withUnsafeGuaranteedRef { $0.lentLeg(number)?._withUnsafeGuaranteedRef(body) }
    }

    // MARK: Start and stop

    /// Starts every element, each chain from its tail to its head, client chains before those who use them, the chains in the
    /// reverse order of their specs. One after another, each on the thread where the one before said that it was done.
    ///
    /// On failure the elements already started are stopped again.
    package func start(_ done: @escaping @Sendable (CallError?) -> Void) {
        start(instances.reversed()[...], started: [], done)
    }

    private func start(_ rest: ArraySlice<Instance>, started: [Instance], _ done: @escaping @Sendable (CallError?) -> Void) {
        guard let next = rest.first else { return done(nil) }
        next.start { error in
            guard let error else { return self.start(rest.dropFirst(), started: started + [next], done) }
            self.stop(started.reversed()[...]) { done(error) }
        }
    }

    /// Waits for the calls under way, lets go of all connections without telling the next hops, and then stops every element, in
    /// the order in which they were started, and destroys it. Nothing of an element runs while it is stopped.
    package func stop(_ done: @escaping @Sendable () -> Void) {
        stopping.store(true, ordering: .relaxed)
        for chain in served { chain.monitor?.end() }
        // What was posted before is counted once every loop has come by here.
        onEachHome({ _ in }) {
            self.underWay.whenNone {
                self.ending.store(true, ordering: .relaxed)
                self.onEachHome({ self.dropConnections(at: $0) }) {
                    // What was posted in the name of a connection has run once every loop has come by here again.
                    self.onEachHome({ _ in }) {
                        self.stop(self.instances.reversed()[...]) {
                            for instance in self.instances.reversed() { instance.destroy() }
                            done()
                        }
                    }
                }
            }
        }
    }

    /// Ends every call soon: whoever is waited for, now or from here on, is told at once that the answer is not wanted any more.
    /// Rollbacks and Closes still reach every element.
    package func abort() {
        aborting.store(true, ordering: .relaxed)
        onEachHome({ home in
            self.calls.all { $0.abort(on: home) }
            for chain in self.served {
                for connection in chain.connections.all() where connection.home === home { connection.hurryLoan() }
            }
        }, then: {})
    }

    private func stop(_ rest: ArraySlice<Instance>, _ done: @escaping @Sendable () -> Void) {
        guard let next = rest.first else { return done() }
        next.stop { error in
            if let error { self.log(.warning, next.path, "stop failed", ["error": error.description]) }
            self.stop(rest.dropFirst(), done)
        }
    }

    private func dropConnections(at home: Home) {
        for chain in served {
            for connection in chain.connections.all() where connection.home === home {
                connection.end(CATENA_STOPPING, nextNumber: connectionIndex.newNumber())
                connection.vanish(chain.connections.remove(connection), CATENA_STOPPING)
            }
        }
    }

    func onEachHome(_ body: @escaping @Sendable (Home) -> Void, then done: @escaping @Sendable () -> Void) {
        let countdown = Countdown(remaining: Atomic(homes.count), done)
        for home in homes {
            home.post {
                body(home)
                countdown.one()
            }
        }
    }

    private final class Countdown: Sendable {
        private let remaining: Atomic<Int>
        private let done: @Sendable () -> Void

        init(remaining: consuming Atomic<Int>, _ done: @escaping @Sendable () -> Void) {
            self.remaining = remaining
            self.done = done
        }

        func one() {
            if remaining.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 { done() }
        }
    }

    // MARK: Log

    /// More of what elements have to say, or nil: as configured.
    public func setLogLevel(_ level: LogLevel?) {
        levelOverride.store(level?.rawValue ?? 0, ordering: .relaxed)
    }

    func isLogged(_ level: UInt32, by instance: Instance) -> Bool {
        level <= max(instance.level.load(ordering: .relaxed), levelOverride.load(ordering: .relaxed))
    }

    /// A line of the engine's own; at debug and trace only when the operator asked for more.
    func log(_ level: LogLevel, _ origin: String, _ text: String, _ fields: KeyValuePairs<String, String> = [:]) {
        guard level.rawValue <= max(CATENA_LOG_INFO, levelOverride.load(ordering: .relaxed)) else { return }
        write(level, origin, text, fields.map { ($0.key, $0.value) })
    }

    /// A line that somebody has asked the level of already.
    func write(_ level: LogLevel, _ origin: String, _ text: String, _ fields: [(key: String, value: String)]) {
        sink.write(level, origin: origin, text: text, fields: fields)
    }

    func deadlineError(for call: Call) -> CallError {
        let place = call.waitingInstance?.path ?? (call.waiting == .transport ? call.chain.user?.path : nil)
        return CallError(CATENA_DEADLINE_EXCEEDED, "no answer in time", origin: place ?? call.chain.path)
    }
}
