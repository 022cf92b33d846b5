// SPDX-License-Identifier: Apache-2.0
// Almost all of a request's header fields are the same for every call of a method over a connection. They are put together once;
// a call adds its deadline and its metadata behind them and takes them off again when it has been submitted.
internal import NIOCore

/// The header blocks of one connection's requests, by method.
struct RequestHeaders {
    /// Methods that are remembered; a client of more loses time, not memory.
    private static let capacity = 32

    private let authority: String
    private let userAgent: String
    private let encoding: MessageEncoding
    private var prepared: ContiguousArray<Prepared> = []

    /// What the requests of a method have in common.
    private struct Prepared {
        let method: String
        let block: HeaderBlock
        /// Where that ends.
        let mark: HeaderBlock.Mark
    }

    init(_ target: GRPCAddress, _ configuration: GRPCClientConfiguration) {
        authority = target.authority
        userAgent = configuration.userAgent
        encoding = configuration.compression.encoding
    }

    /// The fields of `call`, good until the next call of this method.
    mutating func block(for call: ClientCall) -> HeaderBlock {
        let index = index(of: call.method)
        let block = prepared[index].block
        block.truncate(to: prepared[index].mark)
        if let deadline = call.deadline {
            let timeout = deadline - .now()
            // Another value each time: remembering it would push out what is worth remembering.
            unsafe block.append("grpc-timeout", transient: GRPCTimeout.maxLength) { unsafe GRPCTimeout.write(timeout, to: $0) }
        }
        if !call.metadata.isEmpty { block.append(call.metadata) }
        return block
    }

    private mutating func index(of method: String) -> Int {
        for index in prepared.indices where prepared[index].method == method { return index }
        let block = makeBlock(method)
        if prepared.count == Self.capacity { prepared.removeAll(keepingCapacity: true) }
        prepared.append(Prepared(method: method, block: block, mark: block.mark))
        return prepared.count - 1
    }

    /// The fields in the order of gRPC PROTOCOL-HTTP2, "Requests", but for the timeout, which is not the same twice.
    private func makeBlock(_ method: String) -> HeaderBlock {
        let block = HeaderBlock()
        block.append(":method", "POST")
        block.append(":scheme", "http")
        block.append(":path", method)
        block.append(":authority", authority)
        block.append("te", "trailers")
        block.append("content-type", "application/grpc")
        if encoding == .gzip { block.append("grpc-encoding", "gzip") }
        block.append("grpc-accept-encoding", MessageEncoding.accepted)
        block.append("user-agent", userAgent)
        return block
    }
}
