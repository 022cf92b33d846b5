// SPDX-License-Identifier: Apache-2.0
// The server at the other end of a client chain, as a script: it is there, refuses, comes late, hangs or breaks off. Every
// URL leads to it, and it remembers which.
public import CatenaElement
internal import CatenaChain
internal import Synchronization

/// What a bench's client chains reach.
///
///     bench.nextHop.script(.request, .refuse(.notFound, "no such service"), .accept)
///     bench.request("id-1")
///     #expect(bench.nextHop.calls.map(\.url) == ["tcp://next:1"])
public final class NextHop: Sendable {
    /// How it answers one call.
    public indirect enum Reply: Sendable {
        /// Yes, with the connection as it was sent.
        case accept
        /// Yes, with the connection changed.
        case answer(@Sendable (inout TestMessage) -> Void)
        /// No, as the next hop's own answer.
        case refuse(ElementError)
        /// There is nobody: the call has not reached it.
        case unreachable(String)
        /// The call was sent, and its answer was lost: it may have taken effect.
        case lost(String)
        /// Nothing, until ``NextHop/reply(_:)``. A cancel, also by a deadline, ends it as ``lost(_:)``.
        case hold
        /// The other, when that time has passed on the bench's clock.
        case after(Duration, Reply)

        /// Refuses with a code and a text.
        public static func refuse(_ code: Code, _ text: String) -> Reply { .refuse(ElementError(code, text)) }
    }

    /// A call that has reached it.
    public struct Received: Sendable {
        /// `.request` or `.close`.
        public let verb: HookName
        /// Where the client side thought it was.
        public let url: String
        /// As it was sent.
        public let message: TestMessage
        /// On the bench's clock; nil: none.
        public let deadline: UInt64?
    }

    /// A transport that the host has made.
    public struct Connected: Sendable, Equatable {
        /// Where to.
        public let url: String
        /// How it was asked for, with the defaults filled in.
        public let options: DialOptions
        /// Whether the last reference to it is gone.
        public internal(set) var isClosed = false
    }

    private struct State {
        var scripts: [HookName: [Reply]] = [:]
        var calls: [Received] = []
        var transports: [Connected] = []
        var held: [HeldCall] = []
    }

    private let state = Mutex(State())
    let loop: ManualLoop
    let ledger: MessageLedger
    /// What it says by itself.
    let said: NextHopStreams

    init(loop: ManualLoop, ledger: MessageLedger) {
        self.loop = loop
        self.ledger = ledger
        said = NextHopStreams(ledger: ledger)
    }

    /// How it answers from now on: one reply for each call of the verb, the last one for all after. Without a script it accepts.
    /// - Parameter verb: `.request` or `.close`.
    public func script(_ verb: HookName, _ replies: Reply...) { state.withLock { $0.scripts[verb] = replies } }

    /// Answers the call that has been held longest.
    /// - Returns: false: none is held.
    @discardableResult
    public func reply(_ reply: Reply = .accept) -> Bool {
        guard let call = state.withLock({ $0.held.isEmpty ? nil : $0.held.removeFirst() }) else { return false }
        perform(reply, call)
        return true
    }

    /// Everything that has reached it, in order.
    public var calls: [Received] { state.withLock { $0.calls } }
    /// How often a Request or a Close has reached it.
    public func count(_ verb: HookName) -> Int { calls.count { $0.verb == verb } }
    /// URLs of the transports that somebody still holds.
    public var open: [String] { transports.filter { !$0.isClosed }.map(\.url) }
    /// Every transport that was made, in order.
    public var transports: [Connected] { state.withLock { $0.transports } }
    /// How many calls are held.
    public var heldCount: Int { state.withLock { $0.held.count } }

    // MARK: Inside

    func connect(_ url: String, _ options: DialOptions) -> Int {
        state.withLock { state in
            state.transports.append(Connected(url: url, options: options))
            return state.transports.count - 1
        }
    }

    func closed(_ transport: Int) { state.withLock { $0.transports[transport].isClosed = true } }

    func receive(_ received: Received, _ call: HeldCall) {
        let reply = state.withLock { state in
            state.calls.append(received)
            let replies = state.scripts[received.verb] ?? []
            if replies.count > 1 { state.scripts[received.verb]?.removeFirst() }
            return replies.first ?? .accept
        }
        perform(reply, call)
    }

    /// The answer is not wanted any more.
    func cancel(_ call: HeldCall) {
        state.withLock { $0.held.removeAll { $0 === call } }
        call.answer(.failure(TransportFailure(code: Code.cancelled.rawValue, text: "cancelled", isRemote: false, isIndefinite: true)))
    }

    private func perform(_ reply: Reply, _ call: HeldCall) {
        switch reply {
        case .accept: accept(call) { _ in }
        case .answer(let change): accept(call, change)
        case .refuse(let error):
            let text = error.origin.isEmpty ? error.text : "\(error.origin): \(error.text)"
            call.answer(.failure(TransportFailure(code: error.code.rawValue, text: text, isRemote: true, isIndefinite: error.isIndefinite)))
        case .unreachable(let text):
            call.answer(.failure(TransportFailure(code: Code.unavailable.rawValue, text: text, isRemote: false, isIndefinite: false)))
        case .lost(let text):
            call.answer(.failure(TransportFailure(code: Code.unavailable.rawValue, text: text, isRemote: false, isIndefinite: true)))
        case .hold: state.withLock { $0.held.append(call) }
        case .after(let span, let then):
            loop.wake(at: loop.now() &+ span.wholeNanoseconds) { [self] in perform(then, call) }
        }
    }

    private func accept(_ call: HeldCall, _ change: (inout TestMessage) -> Void) {
        guard call.received.verb == .request else {
            said.delete(call.received.message.id)
            return call.answer(.success(nil))
        }
        var message = call.received.message
        message.preferences = []
        change(&message)
        // First, as from a real one: it publishes on the answer's way out.
        said.report(message)
        let pointer = ledger.make(message)
        call.answer(.success(OwnedMessage(takingOver: pointer, api: MessageLedger.table)))
    }
}
