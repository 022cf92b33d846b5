// SPDX-License-Identifier: Apache-2.0
// Who is called back through the `arg` of a C callback. The host calls back exactly once, which is where the one reference
// it holds is given back.
internal import CatenaABI

/// Is told how client calls have ended.
///
/// A class to be derived from: the host is given its address, so that a call needs no memory for its completion. One object may
/// serve call after call.
open class AnswerReceiver {
    private let host: Host

    /// - Parameter host: of the element whose calls they are.
    public init(_ host: Host) { self.host = host }

    /// A call has ended. Once for each, on the connection's loop; until then the call keeps this object.
    open func answered(_ answer: borrowing Answer) {}

    static let finish: catena_done = { argument, _, error, message in
        guard let argument else { return }
        let receiver = Unmanaged<AnswerReceiver>.fromOpaque(argument).takeRetainedValue()
        receiver.answered(Answer(error: error.map { ElementError(copying: $0) }, message, receiver.host))
    }
}

/// Carries a closure.
final class Completion: AnswerReceiver {
    private let body: (borrowing Answer) -> Void

    init(_ host: Host, _ body: @escaping (borrowing Answer) -> Void) {
        self.body = body
        super.init(host)
    }

    override func answered(_ answer: borrowing Answer) { body(answer) }
}
