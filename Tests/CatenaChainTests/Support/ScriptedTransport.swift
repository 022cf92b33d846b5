// SPDX-License-Identifier: Apache-2.0
// Next hops that do as they are told: every call is recorded, and answered now, later, from another thread, or when the test
// says so.

import CatenaABI
import Synchronization

@testable import CatenaChain

/// How a scripted next hop answers one call.
indirect enum Reply: Sendable {
    /// Yes, with this text as the connection.
    case yes(String = "from next hop")
    case no(catena_status = CATENA_UNAVAILABLE, String = "next hop is down", isRemote: Bool = false, isIndefinite: Bool = false)
    /// When all loops are idle.
    case later(Reply)
    case thread(Reply)
    /// When the test answers it; a cancel answers it with CANCELLED, without a definite answer.
    case held
}

final class ScriptedTransports: TransportFactory {
    private struct State {
        var requests: [Reply] = [.yes()]
        var closes: [Reply] = [.yes()]
        var made: [ScriptedTransport] = []
    }

    private let state = Mutex(State())
    let journal: Journal
    let deferred: Deferred
    let bank: MessageBank

    init(journal: Journal, deferred: Deferred, bank: MessageBank) {
        self.journal = journal
        self.deferred = deferred
        self.bank = bank
    }

    func makeTransport(url: String, options: TransportOptions) -> (any Transport)? {
        guard url.hasPrefix("tcp://") else { return nil }
        let transport = ScriptedTransport(name: String(url.dropFirst(6)), options: options, owner: self)
        state.withLock { $0.made.append(transport) }
        return transport
    }

    /// What comes next for this verb; the last one for all calls after.
    func set(_ verb: Verb, _ replies: Reply...) {
        state.withLock { if verb == .request { $0.requests = replies } else { $0.closes = replies } }
    }

    var made: [ScriptedTransport] { state.withLock { $0.made } }

    /// The engine is gone.
    func forget() { state.withLock { $0.made = [] } }

    fileprivate func next(_ verb: Verb) -> Reply {
        state.withLock { state in
            let replies = verb == .request ? state.requests : state.closes
            if replies.count > 1 {
                if verb == .request { state.requests.removeFirst() } else { state.closes.removeFirst() }
            }
            return replies.first ?? .yes()
        }
    }
}

final class ScriptedTransport: Transport {
    let name: String
    let options: TransportOptions
    private let owner: ScriptedTransports
    private let heldCalls = Mutex<[HeldCall]>([])

    init(name: String, options: TransportOptions, owner: ScriptedTransports) {
        self.name = name
        self.options = options
        self.owner = owner
    }

    var state: UInt32 { CATENA_TRANSPORT_READY }

    func call(
        _ verb: Verb, message: OpaquePointer, deadline: UInt64, home: Home, completion: TransportCompletion
    ) -> any TransportCall {
        let text = verb == .request ? "request" : "close"
        owner.journal.record("\(name).\(text)")
        let id = TestMessage.of(message)?.text(CATENA_F_ID) ?? ""
        let call = HeldCall(name: name, verb: verb, id: id, owner: owner, completion)
        perform(owner.next(verb), call)
        return call
    }

    private func perform(_ reply: Reply, _ call: HeldCall) {
        switch reply {
        case .yes, .no: call.answer(reply)
        case .later(let reply): owner.deferred.add { call.answer(reply) }
        case .thread(let reply): owner.deferred.onThread { call.answer(reply) }
        case .held: heldCalls.withLock { $0.append(call) }
        }
    }

    func close() { owner.journal.record("\(name) closed") }

    /// Answers the call that has been held longest.
    func release(_ reply: Reply = .yes()) {
        heldCalls.withLock { $0.isEmpty ? nil : $0.removeFirst() }?.answer(reply)
    }
}

/// One call that waits for its answer.
final class HeldCall: TransportCall {
    private let name: String
    private let verb: Verb
    private let id: String
    private let owner: ScriptedTransports
    private let completion: Mutex<TransportCompletion?>

    init(name: String, verb: Verb, id: String, owner: ScriptedTransports, _ completion: TransportCompletion) {
        self.name = name
        self.verb = verb
        self.id = id
        self.owner = owner
        self.completion = Mutex(completion)
    }

    func answer(_ reply: Reply) {
        let completion = completion.withLock { completion in
            defer { completion = nil }
            return completion
        }
        switch reply {
        case .yes(let text):
            completion?(.success(verb == .request ? owner.bank.owned(id: id, connection: text) : nil))
        case .no(let code, let text, let isRemote, let isIndefinite):
            completion?(.failure(TransportFailure(code: code, text: text, isRemote: isRemote, isIndefinite: isIndefinite)))
        case .later, .thread, .held:
            fatalError("an answer is yes or no")
        }
    }

    func cancel() {
        owner.journal.record("\(name) cancelled")
        answer(.no(CATENA_CANCELLED, "cancelled", isIndefinite: true))
    }
}
