// SPDX-License-Identifier: Apache-2.0
// What a test does to a chain: it begins calls, lets time pass, and waits for what other threads do.
internal import CatenaABI
internal import CatenaChain
internal import Synchronization

extension ChainBench {
    /// Begins a Request and runs until all is quiet.
    /// - Parameters:
    ///   - id: of the connection.
    ///   - deadline: when the caller wants its answer, from now; nil: never.
    ///   - metadata: the caller's, by lower-case key.
    ///   - peer: the caller's address.
    ///   - edit: what else the message says.
    @discardableResult
    public func request(
        _ id: String = "id", deadline: Duration? = nil, metadata: [String: [String]] = [:], peer: String = "127.0.0.1:41312",
        _ edit: (inout TestMessage) -> Void = { _ in }
    ) -> BenchCall {
        var message = TestMessage(id: id)
        edit(&message)
        return request(message, deadline: deadline, metadata: metadata, peer: peer)
    }

    /// Begins a Request with a message as it stands; as ``request(_:deadline:metadata:peer:_:)`` in all else.
    @discardableResult
    public func request(
        _ message: TestMessage, deadline: Duration? = nil, metadata: [String: [String]] = [:], peer: String = "127.0.0.1:41312"
    ) -> BenchCall {
        begin(.request, BenchCall(.request, message, peer: peer, metadata: metadata), deadline)
    }

    /// Begins a Close and runs until all is quiet.
    /// - Parameter edit: what else the connection says.
    @discardableResult
    public func close(_ id: String = "id", deadline: Duration? = nil, _ edit: (inout TestMessage) -> Void = { _ in }) -> BenchCall {
        var message = TestMessage(id: id)
        edit(&message)
        return close(message, deadline: deadline)
    }

    /// Begins a Close with a connection as it stands.
    @discardableResult
    public func close(_ message: TestMessage, deadline: Duration? = nil) -> BenchCall {
        begin(.close, BenchCall(.close, message, peer: "127.0.0.1:41312", metadata: [:]), deadline)
    }

    /// The caller hangs up; runs until all is quiet.
    public func leave(_ call: BenchCall) {
        loop.enter { call.reference?.callerLeft(isLate: false) }
        run()
    }

    private func begin(_ verb: Verb, _ call: BenchCall, _ deadline: Duration?) -> BenchCall {
        calls.withLock { $0.append(call) }
        loop.enter {
            guard let home = engine.currentHome() else { return }
            let message = OwnedMessage(takingOver: ledger.make(call.sent), api: MessageLedger.table)
            let time = deadline.map { clock.now + $0.wholeNanoseconds } ?? 0
            call.begun(engine.begin(verb, on: chain, message: message, deadline: time, caller: OutsideCaller(call), home: home))
        }
        run()
        return call
    }

    /// Runs until what other threads do has led somewhere. What never comes is for the test's own time limit.
    public func run(until isReached: () -> Bool, isolation: isolated (any Actor)? = #isolation) async {
        run()
        while !isReached() {
            // What another thread does by itself rings no bell.
            await bell.wait(atMost: .milliseconds(10))
            run()
        }
    }

    // MARK: Time

    /// Nanoseconds on the bench's clock, which is the one of `Host.now`.
    public var now: UInt64 { clock.now }

    /// Runs the next piece of work.
    /// - Returns: false: all is quiet.
    @discardableResult
    public func step() -> Bool { loop.runOne() }

    /// Runs until all is quiet. Calls, ``advance(by:)`` and ``leave(_:)`` do so by themselves; after ``Neighbour/resume(_:)`` and
    /// ``NextHop/reply(_:)`` it is for the test to do.
    public func run() { while step() {} }

    /// Lets time pass, stopping at every timer on the way.
    public func advance(by span: Duration) {
        run()
        let goal = clock.now &+ span.wholeNanoseconds
        while let next = loop.nextWake, next <= goal {
            clock.now = max(clock.now, next)
            loop.runWakes()
            run()
        }
        clock.now = goal
    }

    /// Waits for an answer that another thread has to give, as the task of an async hook. A call that never ends is for the
    /// test's own time limit.
    /// - Returns: the call.
    @discardableResult
    public func answer(to call: BenchCall, isolation: isolated (any Actor)? = #isolation) async -> BenchCall {
        run()
        while !call.isAnswered {
            await bell.wait()
            run()
        }
        return call
    }
}
