// SPDX-License-Identifier: Apache-2.0
// What one element saw in one hook, and what it answered, kept as values: when a test looks, the call is long over.
public import CatenaElement

/// One hook of one element, as it was called and answered.
public struct Sight: Sendable {
    /// The element's name in the bench.
    public let element: String
    /// Where it stands: `bench/labels`, or `bench/connect/heal` in a client chain.
    public let path: String
    /// Which of its functions was called.
    public let hook: HookName
    /// What the host said of the call.
    public let flags: HopFlags
    /// Why a Close, an event or a drop came.
    public let reason: Reason
    /// 1, 2, ... when an element above runs this part again.
    public let attempt: Int
    /// nil above the anchor.
    public let connection: Connection?
    /// Of a hook on the way out: why the part below failed.
    public let below: ElementError?
    /// On the bench's clock; nil: none.
    public let deadline: UInt64?
    /// The message as it was when the hook was called. Of a drop: an empty one.
    public let message: TestMessage
    /// What the hook answered; `.pending` stays, see ``resumption``. nil: it answers nothing, or has not returned.
    public internal(set) var verdict: HookAnswer?
    /// How a pending hook was answered; nil: it was not pending, or the answer is still owed.
    public internal(set) var resumption: HookAnswer?
    let ticket: UInt64
    let values: [String: [UInt8]]

    /// A context value as a ``Neighbour`` read it that consumes it; nil: it does not.
    public func value<Value>(_ key: ContextKey<Value>) -> Value? {
        guard let bytes = values[key.name], bytes.count == MemoryLayout<Value>.size else { return nil }
        return bytes.withUnsafeBytes { $0.loadUnaligned(as: Value.self) }
    }

    /// Whether the hook said that it would answer, and has not.
    public var isOwed: Bool { verdict == .pending && resumption == nil }

    /// One line: `below request`, `below request-reply UNAVAILABLE`, `below close rollback`, `above request PENDING`. A reason is
    /// shown where it is not the caller, a verdict where it is not NEXT.
    public var line: String {
        var line = "\(element) \(hook.rawValue)"
        if let below { line += " \(below.code)" }
        if reason != .caller || hook == .connectionDropped { line += " \(reason)" }
        if let verdict, verdict != .next { line += " \(verdict.name)" }
        return line
    }
}
