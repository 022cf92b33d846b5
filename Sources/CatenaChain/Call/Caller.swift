// SPDX-License-Identifier: Apache-2.0
// Who waits for a call: a gRPC peer, another chain of this host, or an element. It is told once, on the loop where it asked.

internal import CatenaABI
internal import Synchronization

/// Whoever began a call from outside.
package protocol Caller: AnyObject, Sendable {
    /// Its address as text; empty: none. Valid while the call is.
    var peer: String { get }

    /// Its metadata: value number `index` of a lower-case key. Borrowed while the call is.
    func metadata(_ key: String, _ index: Int) -> UnsafeBufferPointer<UInt8>?

    /// The end of the call, once, on the loop where it began.
    ///
    /// - Parameter message: borrowed; the answer when `error` is nil.
    func answer(error: CallError?, message: OpaquePointer?)
}

/// A call that may have ended, or may be another's by now: what it is asked is done only if it is still the same one. To be used only
/// while the engine lives.
package struct CallReference: @unchecked Sendable {  // of a call object everybody may read `serial`, and its loop the rest
    /// The engine's table owns every call object until the end.
    private let reference: Unmanaged<Call>
    private let serial: UInt64

    init(_ call: Call) {
        reference = .passUnretained(call)
        serial = call.serial.load(ordering: .relaxed)
    }

    /// The caller has left. On the loop where the call began.
    ///
    /// - Parameter isLate: its deadline has passed; else it went by itself.
    package func callerLeft(isLate: Bool) {
        ifLive { call in
            if isLate { call.callerTimeIsOver() } else { call.callerLeft(CallError(CATENA_CANCELLED, "the caller left")) }
        }
    }

    /// The caller has left, and what it asked for is not wanted any more: a Request ends soon below its anchor too, and is undone; a
    /// Close goes on. On the loop where the call began; also after the call was answered.
    package func withdraw() {
        ifLive { $0.withdrawn(CallError(CATENA_CANCELLED, "the caller left")) }
    }

    /// Ends the call soon, wherever it is. On the loop where it runs.
    func cancel(_ error: CallError) {
        ifLive { $0.cancel(error) }
    }

    /// Nothing is below the anchor any more, in whose queue the call waits. On the loop of `home`.
    ///
    /// - Returns: false if it does not wait there.
    func expectTurn(on home: Home) -> Bool { ifLive { $0.expectTurn(on: home) } ?? false }

    /// The same, for a Request; a Close is never withdrawn.
    func cancelRequest(_ error: CallError) {
        ifLive { if $0.verb == .request { $0.cancel(error) } }
    }

    /// Goes on, on the loop where it runs.
    func proceed() {
        ifLive { $0.proceed() }
    }

    /// Is it still the same call?
    var isLive: Bool { ifLive { _ in true } ?? false }

    @discardableResult
    private func ifLive<Result>(_ body: (Call) -> Result) -> Result? {
        reference._withUnsafeGuaranteedRef { $0.serial.load(ordering: .relaxed) == serial ? body($0) : nil }
    }
}
