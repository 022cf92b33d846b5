// SPDX-License-Identifier: Apache-2.0
// A client whose server is driven by hand: what the tests of odd servers begin and end with.
import CatenaGRPC
import NIOCore
import Testing

/// Runs `body` with a server that a test drives frame by frame, and a client of it.
func withHandDrivenServer(
    _ configuration: GRPCClientConfiguration = GRPCClientConfiguration(), _ body: (RawServer, GRPCClient) async throws -> Void
) async throws {
    let server = try await RawServer.start()
    // A test takes its time until it greets.
    var configuration = configuration
    configuration.connectTimeout = .minutes(1)
    let client = GRPCClient(target: server.address, on: group.next(), configuration: configuration)
    do {
        try await body(server, client)
    } catch {
        try await client.shutdown().get()
        throw error
    }
    try await client.shutdown().get()
    try await server.stop()
}

extension RawServer {
    /// The next connection, after SETTINGS with `settings` has been sent on it.
    func greet(_ settings: [UInt8] = []) async throws -> RawConnection {
        let raw = try #require(await accept())
        try await raw.send(RawFrame(.settings, settings))
        return raw
    }
}

extension RawConnection {
    static let okHead = [(":status", "200"), ("content-type", "application/grpc")]

    /// The number of the next stream that the client begins.
    func nextStream() async throws -> UInt32 { try #require(await next(.headers)).stream }

    /// Answers a call with one message and OK.
    func answer(_ stream: UInt32, _ message: [UInt8] = [0, 0, 0, 0, 0]) async throws {
        try await send(
            .headers(Self.okHead, stream: stream), RawFrame(.data, stream: stream, message),
            .headers([("grpc-status", "0")], stream: stream, end: true))
    }
}
