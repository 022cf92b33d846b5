// SPDX-License-Identifier: Apache-2.0
// The client under test: one GRPCClient, and commands that run on its loop side by side until each has its answer.

import CatenaGRPC
import NIOCore
import NIOPosix

final class PeerClient {
    private let client: GRPCClient
    private let loads: PeerLoads

    init(_ settings: PeerSettings, group: MultiThreadedEventLoopGroup) throws {
        guard let target = settings.target, let address = GRPCAddress(url: "tcp://\(target)") else {
            throw PeerError("a client needs a target")
        }
        client = GRPCClient(target: address, on: group.next(), configuration: settings.client)
        loads = PeerLoads(client)
    }

    /// Takes commands until the input ends.
    func run() throws {
        Lines.write(Answer())
        while let command = try Lines.read() {
            switch command.command {
            case "call": try call(command)
            case "calls": try loads.run(command, isLoad: false)
            case "load": try loads.run(command, isLoad: true)
            case "stop": loads.stop()
            default: Lines.write(Answer(id: command.id, message: "unknown command"))
            }
        }
    }

    /// One unary call.
    private func call(_ command: Command) throws {
        let began = NIODeadline.now()
        let request = try PeerRequest(command)
        let call = client.call(
            request.method, payload: request.payload, metadata: request.metadata, deadline: request.deadline
        ) { result in
            var answer = Answer(id: command.id, took: (NIODeadline.now() - began).milliseconds)
            switch result {
            case .success(let reply):
                answer.code = 0
                answer.metadata = reply.metadata.pairs
                answer.trailers = reply.trailers.pairs
                answer.size = reply.payload.readableBytes
                answer.intact = reply.payload == request.payload
                if reply.payload.readableBytes < 1000 { answer.payload = String(buffer: reply.payload) }
            case .failure(let error):
                answer.code = error.status.code.rawValue
                answer.message = error.status.message
                answer.trailers = error.trailers.pairs
            }
            Lines.write(answer)
        }
        if let delay = command.cancelAfter {
            _ = client.eventLoop.scheduleTask(in: .milliseconds(Int64(delay))) { call.cancel() }
        }
    }
}

/// What a command wants to be sent.
struct PeerRequest: Sendable {
    let method: String
    let payload: ByteBuffer
    let metadata: GRPCMetadata
    private let timeout: Int?

    init(_ command: Command) throws {
        method = "/interop.Peer/" + (command.method ?? "Echo")
        payload = command.size.map(pattern) ?? ByteBuffer(string: command.payload ?? "")
        metadata = try GRPCMetadata(command.metadata ?? [])
        timeout = command.timeout
    }

    /// Counted from now.
    var deadline: NIODeadline? { timeout.map { .now() + .milliseconds(Int64($0)) } }
}
