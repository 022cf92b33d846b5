// SPDX-License-Identifier: Apache-2.0
// A transport as the engine uses it, with the end of each call to wait for.

import CatenaABI
@testable import CatenaChain
@testable import CatenaNSM
import NIOCore
import NIOPosix
import SwiftProtobuf
import Testing

/// One transport of one test, made from a URL as a host makes it.
final class TransportUser: Sendable {
    let transport: any Transport
    private let home: Home

    /// Runs `body` with a transport to `url`.
    static func with(
        _ url: String, _ change: (inout TransportOptions) -> Void = { _ in }, _ body: (TransportUser) async throws -> Void
    ) async throws {
        var options = TransportOptions()
        change(&options)
        let served = try await ServedChain([])
        let factory = NSMTransports(group: MultiThreadedEventLoopGroup.singleton, engine: EngineReference())
        let user = TransportUser(try #require(factory.makeTransport(url: url, options: options)), served.engine.homes[0])
        do {
            try await body(user)
        } catch {
            try await end(user, served)
            throw error
        }
        try await end(user, served)
    }

    private static func end(_ user: TransportUser, _ served: ServedChain) async throws {
        user.transport.close()
        try await served.stop()
    }

    private init(_ transport: any Transport, _ home: Home) {
        self.transport = transport
        self.home = home
    }

    /// A Request; nil: it has succeeded. Its deadline is so far that only what has hung comes to it.
    func request() async throws -> TransportFailure? {
        var request = Networkservice_NetworkServiceRequest()
        request.connection.id = "one"
        let message = try CatenaNSM.Message(request: request.serializedBytes() as [UInt8]).owned()
        let deadline = (NIODeadline.now() + .seconds(60)).uptimeNanoseconds
        return await withCheckedContinuation { continuation in
            let waiter = Waiter(continuation)
            _ = transport.call(.request, message: message.pointer, deadline: deadline, home: home, completion: TransportCompletion(waiter))
        }
    }
}

extension TransportUser {
    /// A stream of the next hop, as a sequence that ends with it.
    func listen(to subject: WatchSubject) async -> (news: AsyncStream<String>, call: (any TransportCall)?) {
        let (news, continuation) = AsyncStream.makeStream(of: String.self)
        let call = await withCheckedContinuation { begun in
            home.loop.execute { [self] in
                begun.resume(returning: transport.watch(subject, home: home, listener: Listener(continuation)))
            }
        }
        return (news, call)
    }

    /// Ends a stream, on its loop.
    func end(_ call: (any TransportCall)?) async {
        await withCheckedContinuation { ended in
            home.loop.execute {
                call?.cancel()
                ended.resume()
            }
        }
    }
}

/// Writes news down as texts.
private final class Listener: WatchListener {
    private let continuation: AsyncStream<String>.Continuation

    init(_ continuation: AsyncStream<String>.Continuation) { self.continuation = continuation }

    deinit { continuation.finish() }

    func heard(_ news: WatchNews) {
        switch news {
        case .snapshot: continuation.yield("snapshot")
        case .connection(let message): continuation.yield("connection \(Self.id(message))")
        case .deleted(let message): continuation.yield("deleted \(Self.id(message))")
        case .health(let isServing): continuation.yield(isServing ? "serving" : "not serving")
        case .complete: continuation.yield("complete")
        }
    }

    func ended(_ failure: TransportFailure) {
        continuation.yield("ended \(failure.code) \(failure.isRemote ? "there" : "here"): \(failure.text)")
        continuation.finish()
    }

    private static func id(_ message: OpaquePointer) -> String { Message.lent(message) { $0.text(.id) } }
}

/// Keeps itself until it is told.
private final class Waiter: TransportCaller, @unchecked Sendable {  // told once, by whoever ends the call
    private let continuation: CheckedContinuation<TransportFailure?, Never>
    private var own: Waiter?

    init(_ continuation: CheckedContinuation<TransportFailure?, Never>) {
        self.continuation = continuation
        super.init()
        own = self
    }

    override func transportAnswered(_ answer: consuming TransportAnswer, step: UInt64) {
        switch consume answer {
        case .success: continuation.resume(returning: nil)
        case .failure(let failure): continuation.resume(returning: failure)
        }
        own = nil
    }
}
