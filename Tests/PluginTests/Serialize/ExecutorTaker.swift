// SPDX-License-Identifier: Apache-2.0
// An element whose executor a test takes, to do with as it likes; those that fire by themselves are fixtures.
internal import CatenaElement
internal import CatenaElementTesting
internal import Synchronization

/// Hands its executor to the test.
final class ExecutorTaker: ChainElement, RequestHook {
    static let descriptor = ElementDescriptor("take-executor", summary: "hands its executor out", values: [.consumes(.executor)])
    private let place: LinkedValue<ExecutorValue>
    private let host: Host

    init(config: NoConfig, host: Host) throws(ConfigProblem) {
        self.host = host
        place = try host.linked(.executor)
    }

    func request(_ hop: borrowing Hop<ExecutorTaker>) -> Verdict {
        if let executor = hop.executor(place) { Taken.all.withLock { $0[hop.message.networkService] = Taken(executor: executor, host: host) } }
        return .next
    }
}

/// What an ``ExecutorTaker`` has handed out.
struct Taken: Sendable {
    let executor: Executor
    let host: Host
    /// By the service of the Request, which a test chooses so that no other one has it.
    static let all = Mutex<[String: Taken]>([:])

    static func by(_ service: String) -> Taken? { all.withLock { $0[service] } }
}

/// A message on its way into a job.
///
/// Unchecked: the element gives it to the job, and does not look at it again.
final class Brought: @unchecked Sendable {
    private let message: OwnedMessage
    init(_ message: consuming OwnedMessage) { self.message = message }
    func copy() throws(ElementError) -> OwnedMessage { try message.message.copy() }
}

/// What happened, in order, told by closures that run anywhere.
final class Notes: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}
