// SPDX-License-Identifier: Apache-2.0
// The element that stands beside the one under test: it records what passes, counts it, and does what its script says. With
// one above and one below, most of what an element promises can be stated without a mock of anything.
public import CatenaElement
internal import Synchronization

/// An element of a test: passes everything on and records it, until its script says otherwise.
///
///     let below = Neighbour("below")
///     below.inject(.unavailable, "no route", at: .request, times: 2)
///     try await ChainBench.run([.anchor, .element(Retry.self), .neighbour(below)]) { bench in
///         #expect(bench.request("id-1").isGood)
///         #expect(below.count(.request) == 3)
///         #expect(below.sights(.request).map(\.attempt) == [1, 2, 3])
///     }
///
/// Any thread may use it. It stands in one place of one bench.
public final class Neighbour: Sendable {
    /// What a hook does.
    public indirect enum Act: Sendable {
        /// Passes on. Also what a hook does for which there is no script.
        case next
        /// Turns round, or makes it a success.
        case done
        /// Runs what is below once more; of a neighbour with ``ElementTraits/again``.
        case again
        /// Fails.
        case fail(ElementError)
        /// Changes the message, and then does the other.
        case edit(@Sendable (inout TestMessage) -> Void, then: Act = .next)
        /// Is pending, until ``Neighbour/resume(_:)``. A cancel answers CANCELLED.
        case hold
        /// Is pending, and answers the other when that time has passed on the bench's clock.
        case after(Duration, Act)
        /// Is pending, and has answered the other before the hook returns.
        case resumeInside(Act)

        /// Fails with a code and a text.
        public static func fail(_ code: Code, _ text: String) -> Act { .fail(ElementError(code, text)) }
    }

    /// Its name in the chain, `[a-z0-9][a-z0-9._-]{0,63}`: what sights and journal lines say.
    public let name: String
    let traits: ElementTraits
    let values: [NeighbourValue]
    private let state: Mutex<State>

    struct Held: Sendable {
        let ticket: UInt64
        let place: NeighbourPlace
    }

    private struct State {
        var scripts: [HookName: [Act]] = [:]
        var provided: [String: [UInt8]] = [:]
        var held: [Held] = []
        var record: BenchRecord?
    }

    /// - Parameters:
    ///   - traits: `.guard` or `.again`, for those parts.
    ///   - values: the context values that it writes or reads.
    public init(_ name: String, traits: ElementTraits = [], values: [NeighbourValue] = []) {
        self.name = name
        self.traits = traits
        self.values = values
        var state = State()
        for value in values { state.provided[value.key] = value.bytes }
        self.state = Mutex(state)
    }

    // MARK: Scripts

    /// What a hook does from now on: one act for each time it is called, the last one for all times after.
    public func script(_ hook: HookName, _ acts: Act...) { state.withLock { $0.scripts[hook] = acts } }

    /// Fails a hook some times, and then passes on again.
    public func inject(_ code: Code, _ text: String = "injected", at hook: HookName, times: Int = 1) {
        state.withLock { $0.scripts[hook] = Array(repeating: .fail(code, text), count: times) + [.next] }
    }

    /// Provides another value from now on. The key is one of those it was made with.
    public func provide<Value>(_ key: ContextKey<Value>, _ value: Value) {
        state.withLock { $0.provided[key.name] = NeighbourValue.bytes(of: value) }
    }

    /// Answers the hook that has been held longest.
    /// - Returns: false: none is held, or its call is over.
    @discardableResult
    public func resume(_ act: Act = .next) -> Bool {
        guard let held = state.withLock({ $0.held.isEmpty ? nil : $0.held.removeFirst() }) else { return false }
        return held.place.resume(held.ticket, act)
    }

    /// How many hooks are held.
    public var heldCount: Int { state.withLock { $0.held.count } }

    // MARK: What it saw

    /// What it saw, in order: of one hook, or of all.
    public func sights(_ hook: HookName? = nil) -> [Sight] {
        let all = state.withLock { $0.record }?.all ?? []
        return all.filter { $0.element == name && (hook == nil || $0.hook == hook) }
    }

    /// How often a hook was called.
    public func count(_ hook: HookName) -> Int { sights(hook).count }

    // MARK: Inside

    /// It stands in this bench from now on.
    func enter(_ record: BenchRecord) { state.withLock { $0.record = record } }

    func act(_ hook: HookName) -> Act {
        state.withLock { state in
            guard let acts = state.scripts[hook], let first = acts.first else { return .next }
            if acts.count > 1 { state.scripts[hook]?.removeFirst() }
            return first
        }
    }

    func provided(_ key: String) -> [UInt8]? { state.withLock { $0.provided[key] } }
    func hold(_ held: Held) { state.withLock { $0.held.append(held) } }

    /// Takes a hook out of those that are held.
    func withdraw(_ ticket: UInt64) -> Held? {
        state.withLock { state in
            state.held.firstIndex { $0.ticket == ticket }.map { state.held.remove(at: $0) }
        }
    }
}
