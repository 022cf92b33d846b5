// SPDX-License-Identifier: Apache-2.0
// Requests no well-made client sends, byte by byte. Each has the one answer the specification gives it, and none ends the connection.
import CatenaGRPC
import NIOCore
import Testing

@Suite("Bad requests", .timeLimit(.minutes(3)))
struct BadRequestTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var fields = RawConnection.request()
        var body: [UInt8]? = [0, 0, 0, 0, 0]
        var answer: [String: String]
    }

    static let rows: [Row] = [
        Row(testDescription: "a good one", answer: [":status": "200", "content-type": "application/grpc", "grpc-status": "0"]),
        Row(
            testDescription: "content-type with a suffix", fields: RawConnection.request(with: [("content-type", "application/grpc+proto")]),
            answer: ["grpc-status": "0"]),
        Row(
            testDescription: "another content-type", fields: RawConnection.request(with: [("content-type", "application/grpcx")]),
            answer: [":status": "415"]),
        Row(testDescription: "no content-type", fields: RawConnection.request(without: "content-type"), answer: [":status": "415"]),
        Row(testDescription: "GET", fields: RawConnection.request(with: [(":method", "GET")]), answer: [":status": "405"]),
        Row(testDescription: "unknown method", fields: RawConnection.request("/t/None"), answer: [":status": "200", "grpc-status": "12"]),
        Row(testDescription: "no body", body: nil, answer: ["grpc-status": "12"]),
        Row(testDescription: "empty body", body: [], answer: ["grpc-status": "12"]),
        Row(testDescription: "two messages", body: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], answer: ["grpc-status": "12"]),
        Row(testDescription: "truncated prefix", body: [0, 0, 0], answer: ["grpc-status": "13"]),
        Row(testDescription: "truncated message", body: [0, 0, 0, 0, 2, 1], answer: ["grpc-status": "13"]),
        Row(testDescription: "bytes after the message", body: [0, 0, 0, 0, 0, 0], answer: ["grpc-status": "13"]),
        Row(testDescription: "flag that does not exist", body: [2, 0, 0, 0, 0], answer: ["grpc-status": "13"]),
        Row(testDescription: "compressed without an encoding", body: [1, 0, 0, 0, 0], answer: ["grpc-status": "13"]),
        Row(
            testDescription: "compressed with an unknown encoding", fields: RawConnection.request(with: [("grpc-encoding", "snappy")]),
            body: [1, 0, 0, 0, 0], answer: ["grpc-status": "12", "grpc-accept-encoding": "identity,gzip"]),
        Row(testDescription: "message too large", body: [0, 0, 0x40, 0, 1], answer: ["grpc-status": "8"]),
        Row(testDescription: "timeout that is none", fields: RawConnection.request(with: [("grpc-timeout", "soon")]), answer: ["grpc-status": "13"]),
        Row(testDescription: "binary metadata that is not base64", fields: RawConnection.request(with: [("a-bin", "?")]), answer: ["grpc-status": "13"]),
        Row(
            testDescription: "too much metadata", fields: RawConnection.request(with: (0..<10).map { ("k\($0)", String(repeating: "v", count: 120)) }),
            answer: ["grpc-status": "8"]),
        Row(testDescription: "no path", fields: RawConnection.request(without: ":path"), answer: ["reset": "PROTOCOL_ERROR"]),
    ]

    @Test("is answered as the specification says, and the connection goes on", arguments: rows)
    func answer(row: Row) async throws {
        var configuration = GRPCServerConfiguration()
        configuration.maxMetadataSize = 1000
        try await withServer(.standard(), configuration: configuration) { server, _ in
            let raw = try await RawConnection.connect(to: server.address)
            let answer = try await raw.exchange(row.fields, body: row.body)
            for (name, value) in row.answer { #expect(answer[name] == value) }
            try await raw.close()
        }
    }

    @Test("one that is answered early is told to stop sending, and the next call works")
    func early() async throws {
        try await withServer(.standard()) { server, _ in
            let raw = try await RawConnection.connect(to: server.address)
            try await raw.send(.headers(RawConnection.request("/t/None"), stream: 1))
            #expect(await raw.next(.headers)?.isEnd == true)
            let reset = try #require(await raw.next(.reset))
            #expect(HTTP2ErrorCode(rawValue: reset.number) == .noError)
            try await raw.send(RawFrame(.data, flags: RawFrame.endStream, stream: 1, [0, 0, 0, 0, 0]))
            try await raw.send(.headers(RawConnection.request(), stream: 3), RawFrame(.data, flags: RawFrame.endStream, stream: 3, [0, 0, 0, 0, 0]))
            #expect(await raw.next(.data)?.stream == 3)
            try await raw.close()
        }
    }

    @Test("5,000 PINGs are answered, and the connection goes on")
    func pings() async throws {
        try await withServer(.standard()) { server, _ in
            let raw = try await RawConnection.connect(to: server.address)
            for _ in 0..<50 {
                try await raw.write(Array(repeating: [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8] as [UInt8], count: 100).flatMap { $0 })
                for _ in 0..<100 { #expect(await raw.next(.ping)?.flags == RawFrame.ack) }
            }
            #expect(try await raw.exchange(RawConnection.request(), body: [0, 0, 0, 0, 0])["grpc-status"] == "0")
            try await raw.close()
        }
    }

    @Test("what is not HTTP/2 at all is disconnected")
    func notHTTP2() async throws {
        try await withServer(.standard()) { server, client in
            let channel = try await RawConnection.connect(to: server.address).channel
            try await channel.writeAndFlush(ByteBuffer(string: "\u{0}\u{0}\u{4}\u{3}\u{0}\u{0}\u{0}\u{0}\u{0}oops")).get()
            try await channel.closeFuture.get()
            #expect(await client.reply("/t/Echo").code == .ok)
        }
    }
}
