// SPDX-License-Identifier: Apache-2.0
// A server on a free port and a client of it, alive for the length of one test. Both are ended on every way out, and a test that
// leaves a connection behind hangs here and fails at its time limit.
import CatenaGRPC
import NIOCore
import NIOPosix

/// More loops than cores: a test that keeps one busy must not hold up the timers of all others.
let group: any EventLoopGroup = MultiThreadedEventLoopGroup(numberOfThreads: 8)

/// Runs `body` with a server of `methods` and a client of that server.
func withServer(
    _ methods: GRPCMethods, at address: GRPCAddress = .tcp(host: "127.0.0.1", port: 0),
    configuration: GRPCServerConfiguration = GRPCServerConfiguration(), body: (GRPCServer, GRPCClient) async throws -> Void
) async throws {
    let server = try await GRPCServer.bind(.address(address), methods: methods, configuration: configuration, group: group).get()
    let client = GRPCClient(target: server.address, on: group.next())
    do {
        try await body(server, client)
        try await client.shutdown().get()
        // Succeeds only when the server has no connection left.
        try await server.shutdown(deadline: .distantFuture).get()
    } catch {
        try await client.shutdown().get()
        try await server.close().get()
        throw error
    }
}

extension GRPCMethods {
    /// `/t/Echo` answers with its payload and its metadata, `/t/Hang` never; `/t/Fail` with the code in its payload.
    static func standard(hangs: Hangs = Hangs()) -> GRPCMethods {
        var methods = GRPCMethods()
        methods.handleUnary("/t/Echo") { call, payload in call.respond(payload, trailers: call.metadata) }
        methods.handleUnary("/t/Hang") { call, _ in hangs.add(call) }
        methods.handleUnary("/t/Fail") { call, payload in
            let code = payload.getInteger(at: payload.readerIndex, as: UInt8.self).flatMap { GRPCStatus.Code(rawValue: Int($0)) }
            call.fail(GRPCStatus(code ?? .unknown, "größer als 100 %\n"))
        }
        return methods
    }
}

/// The calls of `/t/Hang`, as they come, and their cancellations.
final class Hangs: Sendable {
    let calls: AsyncStream<ServerCall>
    let cancellations: AsyncStream<ServerCancellation>
    private let newCall: AsyncStream<ServerCall>.Continuation
    private let newCancellation: AsyncStream<ServerCancellation>.Continuation

    init() {
        (calls, newCall) = AsyncStream.makeStream()
        (cancellations, newCancellation) = AsyncStream.makeStream()
    }

    func add(_ call: ServerCall) {
        call.onCancel { [newCancellation] reason in newCancellation.yield(reason) }
        newCall.yield(call)
    }

    func nextCall() async -> ServerCall? { await calls.first { _ in true } }
    func nextCancellation() async -> ServerCancellation? { await cancellations.first { _ in true } }
}

extension GRPCClient {
    /// Waits until the state is `state`.
    func become(_ state: GRPCClientState) async throws {
        let (states, report) = AsyncStream<GRPCClientState>.makeStream()
        let observation = observeState { report.yield($0) }
        _ = await states.first { $0 == state }
        observation.cancel()
    }

    /// A call as an async function.
    func reply(
        _ method: String, _ payload: ByteBuffer = ByteBuffer(), metadata: GRPCMetadata = GRPCMetadata(), deadline: NIODeadline? = nil
    ) async -> Result<GRPCReply, GRPCCallError> {
        await withCheckedContinuation { continuation in
            call(method, payload: payload, metadata: metadata, deadline: deadline) { continuation.resume(returning: $0) }
        }
    }
}

extension Result where Success == GRPCReply, Failure == GRPCCallError {
    var payload: ByteBuffer? { try? get().payload }
    var error: GRPCCallError? { if case .failure(let error) = self { error } else { nil } }
    var code: GRPCStatus.Code { error?.status.code ?? .ok }
}
