// SPDX-License-Identifier: Apache-2.0
// The capturing, counting and injecting elements of the originals in one: it remembers the last Request of what is open, forgets it at
// the Close, and on request holds a Request back or fails it.
internal import CatenaElement
internal import Synchronization

@testable internal import CatenaElementTesting

final class Capture: ChainElement, RequestHook, CloseHook, CancelHook {
    static let descriptor = ElementDescriptor("capture", summary: "remembers what is open")
    private let captured: Captured

    init(config: PlaceConfig, host: CatenaElement.Host) { captured = Captured.at(config.place) }

    func request(_ hop: borrowing Hop<Capture>) -> Verdict {
        captured.request(TestMessage(at: hop.message.pointer), on: hop.leg, by: hop.peer, hop.ticket)
    }

    func close(_ hop: borrowing Hop<Capture>) -> Verdict {
        captured.close(hop.message.id, on: hop.leg)
        return .next
    }

    func cancel(_ hop: borrowing Hop<Capture>) { hop.ticket.resume(.fail(.cancelled, "cancelled")) }
}

/// Where an element of these tests stands: what it does and has seen is found by that name, which a test chooses so that no other has it.
struct PlaceConfig: ElementConfig {
    var place = ""
    static let fields: [ConfigField<PlaceConfig>] = [.required("place", \.place, .text, "where the element stands")]
}

/// What a ``Capture`` has seen.
final class Captured: Sendable {
    /// An open connection; in a client chain one for each leg.
    struct Key: Hashable {
        let id: String
        let leg: Leg?
    }

    struct State {
        var open: [Key: TestMessage] = [:]
        var requests = 0, closes = 0
        /// Addresses from which Requests came.
        var peers: Set<String> = []
        var held: [Ticket] = []
        /// A connection whose Requests are held back.
        fileprivate var holds: String?
        fileprivate var failure: ElementError?
        fileprivate var waiting: [(isReached: @Sendable (State) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []

        /// The last Request of a connection.
        subscript(id: String) -> TestMessage? { open.first { $0.key.id == id }?.value }
    }

    private let state = Mutex(State())
    private static let all = Mutex<[String: Captured]>([:])

    static func at(_ place: String) -> Captured {
        all.withLock { all in
            let captured = all[place] ?? Captured()
            all[place] = captured
            return captured
        }
    }

    var now: State { state.withLock { $0 } }
    subscript(id: String) -> TestMessage? { now[id] }
    /// Requests and Closes so far.
    var counts: [Int] { [now.requests, now.closes] }

    /// Waits for something to have been seen.
    func wait(until isReached: @escaping @Sendable (State) -> Bool) async {
        await withCheckedContinuation { continuation in
            state.withLock { $0.waiting.append((isReached, continuation)) }
            change { _ in }
        }
    }

    /// Holds Requests of this connection back until ``resume()``.
    func hold(_ id: String) { change { $0.holds = id } }

    /// Lets go on what is held.
    func resume() {
        let held = state.withLock { state in
            state.holds = nil
            defer { state.held = [] }
            return state.held
        }
        for ticket in held { ticket.resume(.next) }
    }

    /// Fails Requests from now on; nil: no more.
    func fail(_ error: ElementError?) { change { $0.failure = error } }

    fileprivate func request(_ message: TestMessage, on leg: Leg?, by peer: String?, _ ticket: Ticket) -> Verdict {
        var verdict = Verdict.next
        change { state in
            state.requests += 1
            if let peer { state.peers.insert(peer) }
            if let failure = state.failure { return verdict = .fail(failure) }
            state.open[Key(id: message.id, leg: leg)] = message
            guard state.holds == message.id else { return }
            state.held.append(ticket)
            verdict = .pending
        }
        return verdict
    }

    fileprivate func close(_ id: String, on leg: Leg?) {
        change { state in
            state.closes += 1
            state.open[Key(id: id, leg: leg)] = nil
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let reached = state.withLock { state in
            body(&state)
            let now = state
            defer { state.waiting.removeAll { $0.isReached(now) } }
            return now.waiting.filter { $0.isReached(now) }
        }
        for one in reached { one.continuation.resume() }
    }
}
