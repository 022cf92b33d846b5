// SPDX-License-Identifier: Apache-2.0
// How a client chain reaches its next hop, as the engine sees it. What is behind, a socket or another chain of this host, is the
// business of whoever makes the transports.

package import CatenaABI

/// One way to one next hop. May be used from any loop.
package protocol Transport: AnyObject, Sendable {
    /// CATENA_TRANSPORT_...: never RETIRED, which is the engine's own mark.
    var state: UInt32 { get }

    /// Begins one call.
    ///
    /// - Parameters:
    ///   - message: read inside this function only.
    ///   - deadline: nanoseconds of the loops' clock; 0: none.
    ///   - completion: called once, on any thread, perhaps before this returns. The way to the next call of the same transport
    ///     may lead through it.
    /// - Returns: what cancels the call.
    func call(
        _ verb: Verb, message: OpaquePointer, deadline: UInt64, home: Home, completion: TransportCompletion
    ) -> any TransportCall

    /// Begins to listen.
    ///
    /// - Parameter home: on its loop the listener is told. Called there.
    /// - Returns: what ends it, after which nothing is told any more; nil: the next hop has no way to say anything of that subject.
    func watch(_ subject: WatchSubject, home: Home, listener: any WatchListener) -> (any TransportCall)?

    /// No more calls will come; those under way may end.
    func close()
}

/// One call of a transport.
package protocol TransportCall: AnyObject, Sendable {
    /// The answer is not wanted any more. It still comes, as a failure.
    func cancel()
}

/// Who waits for a call of a transport. Lives until it has its answer.
package class TransportCaller: @unchecked Sendable {  // it has nothing; what its subclasses have is their business
    package init() {}

    /// The answer to call number `step`. Once, on any thread.
    package func transportAnswered(_ answer: consuming TransportAnswer, step: UInt64) {}
}

/// What a transport calls with its answer. An address and a number, where a closure would be an allocation for each call.
package struct TransportCompletion: @unchecked Sendable {  // whoever waits may be told on any thread
    private let caller: Unmanaged<TransportCaller>
    private let step: UInt64

    package init(_ caller: TransportCaller, step: UInt64 = 0) {
        self.caller = .passUnretained(caller)
        self.step = step
    }

    package func callAsFunction(_ answer: consuming TransportAnswer) {
        // A call object is the engine's until its end; any other keeps itself until it is told, which is now.
        caller.takeUnretainedValue().transportAnswered(answer, step: step)
    }
}

/// How a call of a transport ended.
package enum TransportAnswer: ~Copyable, Sendable {
    /// A Request's answer is a message with the connection that came back; a Close has none.
    case success(OwnedMessage?)
    case failure(TransportFailure)
}

/// Why a call of a transport failed.
package struct TransportFailure: Sendable {
    package var code: catena_status
    package var text: String
    /// The next hop said so itself; its text names who began it.
    package var isRemote: Bool
    /// The call may have taken effect at the next hop.
    package var isIndefinite: Bool

    package init(code: catena_status, text: String, isRemote: Bool, isIndefinite: Bool) {
        self.code = code
        self.text = text
        self.isRemote = isRemote
        self.isIndefinite = isIndefinite
    }

    /// Codes with which a next hop answers a caller while its own chain may run on: the call may still take effect there.
    package static func isIndefinite(_ code: catena_status) -> Bool {
        code == CATENA_DEADLINE_EXCEEDED || code == CATENA_CANCELLED
    }
}

/// What travels through a chain.
package enum Verb: UInt32, Sendable {
    case request = 1
    case close = 2

    /// The same as `== .request`, which from another module is a search for what equality means.
    @inlinable
    package var isRequest: Bool {
        switch self {
        case .request: true
        case .close: false
        }
    }
}

/// Makes transports. Called from any loop.
package protocol TransportFactory: Sendable {
    /// - Returns: nil if this is not a URL it knows.
    func makeTransport(url: String, options: TransportOptions) -> (any Transport)?
}
