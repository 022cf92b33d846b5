// SPDX-License-Identifier: Apache-2.0
// The client under test: commands that run on the loop of a GRPCClient side by side until each has its answer. Compression is a
// property of a client, so commands that ask for it have a client of their own.

import CatenaGRPC
import NIOCore
import NIOPosix

final class PeerClient {
    private let plain: GRPCClient
    private let compressing: GRPCClient
    private let counters = PeerCounters()
    private let loads = PeerLoads()

    init(_ settings: PeerSettings, group: MultiThreadedEventLoopGroup) throws {
        guard let target = settings.target, let address = GRPCAddress(url: "tcp://\(target)") else {
            throw PeerError("a client needs a target")
        }
        var configuration = settings.client
        plain = GRPCClient(target: address, on: group.next(), configuration: configuration)
        configuration.compression = .gzip
        compressing = GRPCClient(target: address, on: group.next(), configuration: configuration)
    }

    /// Takes commands until the input ends.
    func run() throws {
        Lines.write(Answer())
        while let command = try Lines.read() {
            let client = command.gzip == true ? compressing : plain
            let streams = PeerClientStreams(client: client, counters: counters)
            switch command.command {
            case "call": try call(command, client)
            case "calls": try loads.run(command, client, isLoad: false)
            case "load": try loads.run(command, client, isLoad: true)
            case "stop": loads.stop()
            case "download": try streams.download(command)
            case "upload": try streams.upload(command)
            case "chat": try streams.chat(command)
            case "counters": Lines.write(Answer(id: command.id, counters: counters.all))
            default: Lines.write(Answer(id: command.id, message: "unknown command"))
            }
        }
    }

    /// One unary call.
    private func call(_ command: Command, _ client: GRPCClient) throws {
        let began = NIODeadline.now()
        let request = try PeerRequest(command)
        let call = client.call(
            request.method, payload: request.payload, metadata: request.metadata, deadline: request.deadline,
            waitForReady: command.wait ?? false
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
