// SPDX-License-Identifier: Apache-2.0
// A Request or Close as its caller sees it: what was sent, and what came back, once.
public import CatenaElement
internal import CatenaABI
internal import CatenaChain
internal import Synchronization

/// A call that a test has begun at the head of the chain; from ``ChainBench/request(_:deadline:metadata:peer:_:)``.
public final class BenchCall: Sendable {
    /// `.request` or `.close`.
    public let verb: HookName
    /// What was sent.
    public let sent: TestMessage
    let peerText: String
    private let values: [String: [CallerBytes]]
    private let state = Mutex(State())

    private struct State {
        var isAnswered = false
        var error: ElementError?
        var message: TestMessage?
        var reference: CallReference?
    }

    init(_ verb: HookName, _ sent: TestMessage, peer: String, metadata: [String: [String]]) {
        self.verb = verb
        self.sent = sent
        peerText = peer
        values = metadata.mapValues { $0.map(CallerBytes.init) }
    }

    /// Whether the caller has been told.
    public var isAnswered: Bool { state.withLock { $0.isAnswered } }
    /// Whether the caller has been told that it went well.
    public var isGood: Bool { state.withLock { $0.isAnswered && $0.error == nil } }
    /// Why it failed; nil: it has not.
    public var error: ElementError? { state.withLock { $0.error } }
    /// The code of the failure; nil: it has not failed.
    public var code: Code? { error?.code }
    /// What came back; nil: nothing yet, or an error.
    public var message: TestMessage? { state.withLock { $0.message } }

    func begun(_ reference: CallReference?) { state.withLock { $0.reference = reference } }
    var reference: CallReference? { state.withLock { $0.reference } }

    fileprivate func bytes(_ key: String, _ index: Int) -> CallerBytes? {
        guard let all = values[key], index < all.count else { return nil }
        return all[index]
    }

    fileprivate func answered(_ error: ElementError?, _ message: TestMessage?) {
        state.withLock { state in
            state.isAnswered = true
            state.error = error
            state.message = message
        }
    }
}

/// The caller as the engine sees it.
final class OutsideCaller: Caller {
    private let call: BenchCall
    init(_ call: BenchCall) { self.call = call }

    var peer: String { call.peerText }

    func metadata(_ key: String, _ index: Int) -> UnsafeBufferPointer<UInt8>? { call.bytes(key, index)?.buffer }

    func answer(error: CallError?, message: OpaquePointer?) {
        call.answered(error.map { ElementError(copying: $0) }, error == nil ? message.map { TestMessage(at: $0) } : nil)
    }
}
