// SPDX-License-Identifier: Apache-2.0
// An NSM server that remembers what it was sent and answers as a test tells it to. It answers a turn of the loop later, so that
// calls are in flight together and two for one connection would be seen.

import CatenaGRPC
import CatenaLoad
import CatenaNSM
import NIOCore
import NIOPosix
import SwiftProtobuf
import Synchronization

/// What a server for one test has seen, and how it answers.
final class LoadServer: Sendable {
    enum Answer: Sendable {
        case connection(Connection_Connection)
        case bytes([UInt8])
        case status(GRPCStatus)
        case never
    }

    struct Seen: Sendable {
        /// Requests in the order in which they came.
        var requests: [Networkservice_NetworkServiceRequest] = []
        var closes: [Connection_Connection] = []
        /// Connections with a call that has not been answered.
        var busy: Set<String> = []
        /// Some connection had two calls at once.
        var overlaps = 0
        var mostInFlight = 0
        var peers: Set<String> = []
        var unanswered: [ServerCall] = []

        func count(of id: String) -> Int { requests.count { $0.connection.id == id } }
    }

    private let state = Mutex(Seen())
    private let answer: @Sendable (Networkservice_NetworkServiceRequest, Seen) -> Answer

    var seen: Seen { state.withLock { $0 } }

    private init(_ answer: @escaping @Sendable (Networkservice_NetworkServiceRequest, Seen) -> Answer) {
        self.answer = answer
    }

    /// A good answer: the connection with one more segment, or as it came when it has that.
    static func good(_ request: Networkservice_NetworkServiceRequest) -> Connection_Connection {
        var connection = request.connection
        if connection.path.pathSegments.count == 1 {
            connection.path.pathSegments.append(.with { $0.name = "server"; $0.id = "of \(request.connection.id)" })
        }
        return connection
    }

    /// Runs a load against a server, which has no connection left afterwards.
    static func run(
        _ size: LoadPlan.Size, change: (inout LoadPlan) -> Void = { _ in }, begins: (LoadRun) -> Void = { _ in },
        answer: @escaping @Sendable (Networkservice_NetworkServiceRequest, Seen) -> Answer = { request, _ in .connection(good(request)) }
    ) async throws -> (LoadReport, Seen) {
        let state = LoadServer(answer)
        var methods = GRPCMethods()
        methods.handleUnary(MethodPath.request) { call, payload in state.request(call, payload) }
        methods.handleUnary(MethodPath.close) { call, payload in state.close(call, payload) }
        let group = MultiThreadedEventLoopGroup.singleton
        let server = try await GRPCServer.bind(.address(.tcp(host: "127.0.0.1", port: 0)), methods: methods, group: group).get()
        do {
            var plan = try LoadPlan(target: server.address, size: size)
            change(&plan)
            let run = LoadRun(plan, on: group.next())
            begins(run)
            let report = try await run.start().get()
            try await server.shutdown(deadline: .distantFuture).get()
            return (report, state.seen)
        } catch {
            try await server.close().get()
            throw error
        }
    }

    private func request(_ call: ServerCall, _ payload: ByteBuffer) {
        guard let request = try? Networkservice_NetworkServiceRequest(serializedBytes: Array(payload.readableBytesView)) else {
            return _ = call.fail(GRPCStatus(.invalidArgument))
        }
        let id = request.connection.id
        let seen = state.withLock { state in
            state.requests.append(request)
            if !state.busy.insert(id).inserted { state.overlaps += 1 }
            state.mostInFlight = max(state.mostInFlight, state.busy.count)
            state.peers.insert(call.peer)
            return state
        }
        let answer = answer(request, seen)
        call.eventLoop.assumeIsolated().execute {
            _ = self.state.withLock { $0.busy.remove(id) }
            switch answer {
            case .connection(let connection): _ = call.respond(ByteBuffer(bytes: (try? connection.serializedBytes() as [UInt8]) ?? []))
            case .bytes(let bytes): _ = call.respond(ByteBuffer(bytes: bytes))
            case .status(let status): _ = call.fail(status)
            case .never: self.state.withLock { $0.unanswered.append(call) }
            }
        }
    }

    private func close(_ call: ServerCall, _ payload: ByteBuffer) {
        let connection = try? Connection_Connection(serializedBytes: Array(payload.readableBytesView))
        state.withLock { state in
            if let connection {
                state.closes.append(connection)
                if state.busy.contains(connection.id) { state.overlaps += 1 }
            }
        }
        _ = call.respond(ByteBuffer())
    }
}

/// A run that its own server stops.
final class Handle: Sendable {
    private let run = Mutex<LoadRun?>(nil)

    func set(_ run: LoadRun) { self.run.withLock { $0 = run } }
    func stop() { run.withLock { $0?.stop() } }
}
