// SPDX-License-Identifier: Apache-2.0
// A chain behind a real socket, and a client in front of it: what stands between the two is what these tests are about. The
// chain's elements are C tables written here, so that a test says in one place what the chain answers.

import CatenaABI
@testable import CatenaChain
import CatenaGRPC
import CatenaNSM
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// A host of chains for one test. End it with ``stop()``.
final class ServedChain {
    let engine: Engine
    let server: GRPCServer
    /// Serves what an element of the chain publishes; nil: none does.
    let monitor: MonitorConnectionServer?
    private let client: GRPCClient
    private let reference = EngineReference()

    /// - Parameter elements: types of the chain `served`, head first.
    init(_ elements: [catena_type], others: [ChainSpec] = []) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let loops = group.makeIterator().map { NIOLoop($0) }
        let specs = try elements.enumerated().map { ElementSpec(name: "e\($0.offset)", type: try Self.type($0.element)) }
        engine = try Engine(
            [ChainSpec(name: "served", isServed: true, elements: specs)] + others, loops: loops, messages: MessageService.shared,
            transports: NSMTransports(group: group, engine: reference), log: SilentLog())
        reference.engine = engine
        var methods = GRPCMethods()
        let chain = try #require(engine.chain(named: "served"))
        NetworkServiceServer(chain: chain, of: engine, loops: loops).register(in: &methods)
        monitor = chain.monitor.map { MonitorConnectionServer($0) }
        monitor?.register(in: &methods)
        server = try await GRPCServer.bind(.address(.tcp(host: "127.0.0.1", port: 0)), methods: methods, group: group).get()
        client = GRPCClient(target: server.address, on: group.any())
    }

    /// A type that C code would declare, as the engine takes it.
    static func type(_ table: catena_type) throws -> ElementType {
        let memory = UnsafeMutablePointer<catena_type>.allocate(capacity: 1)
        memory.initialize(to: table)  // for ever, like a module's own
        return try ElementType(checking: UnsafePointer(memory))
    }

    func call(_ method: String, _ bytes: [UInt8], _ metadata: GRPCMetadata = GRPCMetadata()) async -> Result<[UInt8], GRPCStatus> {
        await withCheckedContinuation { continuation in
            client.call(method, payload: ByteBuffer(bytes: bytes), metadata: metadata, deadline: .now() + .seconds(20)) { result in
                continuation.resume(returning: result.map { Array($0.payload.readableBytesView) }.mapError(\.status))
            }
        }
    }

    /// Subscribes to the chain's monitor.
    ///
    /// - Parameter reads: false: it takes nothing off its stream before it is told to.
    func subscribe(_ selector: [UInt8] = [], reads: Bool = true) -> Subscription {
        let subscription = Subscription()
        let call = client.stream(MethodPath.monitorConnections, events: subscription.events)
        if !reads { call.pauseReading() }
        call.send(ByteBuffer(bytes: selector))
        call.finishSending()
        subscription.call.withLock { $0 = call }
        return subscription
    }

    func stop() async throws {
        try await client.shutdown().get()
        try await server.close().get()
        await withCheckedContinuation { continuation in engine.stop { continuation.resume() } }
    }
}

struct SilentLog: LogSink {
    func write(_ level: LogLevel, origin: String, text: String, fields: [(key: String, value: String)]) {}
}

extension catena_type {
    /// A type with this id and nothing else.
    static func make(_ id: StaticString) -> catena_type {
        var type = catena_type()
        type.struct_size = UInt32(MemoryLayout<catena_type>.size)
        id.withUTF8Buffer { bytes in
            type.id = catena_str(ptr: UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self), len: bytes.count)
        }
        return type
    }
}
