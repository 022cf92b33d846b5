// SPDX-License-Identifier: Apache-2.0
// Many unary calls with a bound on how many are in flight: a number of them, or until they are stopped. What a scenario learns is how
// many ended with which status.

import CatenaGRPC
import NIOCore
import Synchronization

final class PeerLoads: Sendable {
    private let isStopped = Atomic(false)

    func stop() { isStopped.store(true, ordering: .relaxed) }

    /// Begins; the answer comes when the last call has ended.
    func run(_ command: Command, _ client: GRPCClient, isLoad: Bool) throws {
        isStopped.store(false, ordering: .relaxed)
        let request = try PeerRequest(command)
        client.eventLoop.execute { [self] in
            PeerRun(command, request, client, left: isLoad ? .max : command.count ?? 1) { [self] in
                isLoad && isStopped.load(ordering: .relaxed)
            }.begin(command.concurrency ?? 1)
        }
    }
}

/// One such command. Unchecked because it is made and used on the client's loop only.
private final class PeerRun: @unchecked Sendable {
    private let command: Command
    private let request: PeerRequest
    private let client: GRPCClient
    private let isStopped: () -> Bool
    private let began = NIODeadline.now()
    private var left: Int
    private var inFlight = 0
    private var codes: [String: Int] = [:]
    private var failure: String?

    init(_ command: Command, _ request: PeerRequest, _ client: GRPCClient, left: Int, isStopped: @escaping () -> Bool) {
        self.command = command
        self.request = request
        self.client = client
        self.left = left
        self.isStopped = isStopped
    }

    func begin(_ concurrency: Int) {
        for _ in 0..<min(concurrency, left) { callOnce() }
    }

    private func callOnce() {
        left -= 1
        inFlight += 1
        client.call(
            request.method, payload: request.payload, metadata: request.metadata, deadline: request.deadline,
            waitForReady: command.wait ?? false
        ) { [self] result in
            inFlight -= 1
            count(result)
            if left > 0, !isStopped() { callOnce() } else if inFlight == 0 { end() }
        }
    }

    private func count(_ result: Result<GRPCReply, GRPCCallError>) {
        switch result {
        case .success: codes["0", default: 0] += 1
        case .failure(let error):
            codes["\(error.status.code.rawValue)", default: 0] += 1
            failure = failure ?? error.description
        }
    }

    private func end() {
        let took = (NIODeadline.now() - began).milliseconds
        Lines.write(Answer(id: command.id, count: codes.values.reduce(0, +), took: took, codes: codes, failure: failure))
    }
}
