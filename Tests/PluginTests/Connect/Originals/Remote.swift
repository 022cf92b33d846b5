// SPDX-License-Identifier: Apache-2.0
// The next hop of these tests: a chain of another engine behind a real socket, which can end and come again at the same address.
internal import CatenaChain
internal import CatenaElement
internal import CatenaElementTesting
internal import CatenaGRPC
internal import CatenaNSM
internal import NIOCore
internal import NIOPosix
internal import SerializeElement
internal import Testing

/// A host at the other end of a socket. Whoever starts it ends it.
final class Remote: Sendable {
    let captured: Captured
    let url: String
    private let engine: Engine
    private let server: GRPCServer

    /// - Parameters:
    ///   - place: of its ``Captured``.
    ///   - edit: the config of an ``Edit``; nil: nothing is changed.
    init(_ place: String, edit: ConfigText? = nil, at address: GRPCAddress = .tcp(host: "127.0.0.1", port: 0)) async throws {
        var elements: ThreadedChain.Elements = [
            (try ElementSource(SerializeElement.self), .empty), (try ElementSource(Capture.self), .at(place)),
        ]
        if let edit { elements.append((try ElementSource(Edit.self), edit)) }
        let group = MultiThreadedEventLoopGroup.singleton, loops = group.makeIterator().map { NIOLoop($0) }
        let engine = try Engine(
            [ChainSpec(name: "remote", isServed: true, elements: try ThreadedChain.specs(elements))], loops: loops,
            messages: MessageService.shared, transports: NSMTransports(group: group, engine: EngineReference()), log: NoLog())
        let chain = try #require(engine.chain(named: "remote"))
        await withCheckedContinuation { continuation in engine.start { _ in continuation.resume() } }
        var methods = GRPCMethods()
        NetworkServiceServer(chain: chain, of: engine, loops: loops).register(in: &methods)
        server = try await GRPCServer.bind(.address(address), methods: methods, group: group).get()
        self.engine = engine
        captured = Captured.at(place)
        url = "\(server.address)"
    }

    /// Ends it at once, with whatever it has open; then its address is free.
    func end() async throws {
        try await server.close().get()
        await withCheckedContinuation { continuation in engine.stop { continuation.resume() } }
    }
}
