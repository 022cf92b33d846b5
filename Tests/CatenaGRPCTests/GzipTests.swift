// SPDX-License-Identifier: Apache-2.0
// Compressed messages, the honest and the others. The packed bytes are zlib's own, through a command that every system has.
import CatenaGRPC
import Foundation
import NIOCore
import Testing

@Suite("gzip", .timeLimit(.minutes(3)))
struct GzipTests {
    static let limit = 100_000
    private static let gzipped = [("grpc-encoding", "gzip"), ("grpc-accept-encoding", "gzip")]

    /// The payload as the `gzip` command packs it.
    private static func pack(_ payload: [UInt8]) throws -> [UInt8] {
        try run(["-c", "-n"], payload)
    }

    private static func unpack(_ packed: [UInt8]) throws -> [UInt8] { try run(["-d", "-c"], packed) }

    private static func run(_ arguments: [String], _ input: [UInt8]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/gzip")
        process.arguments = arguments
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try Data(input).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        process.standardInput = try FileHandle(forReadingFrom: file)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Array(bytes)
    }

    private func echo(
        _ payload: [UInt8], flag: UInt8 = 1, with fields: [(String, String)] = gzipped, _ check: (RawResponse) async throws -> Void
    ) async throws {
        var configuration = GRPCServerConfiguration()
        configuration.maxMessageSize = Self.limit
        try await withServer(.standard(), configuration: configuration) { server, _ in
            let raw = try await RawConnection.connect(to: server.address)
            try await raw.openWindows()
            try await raw.send(.headers(RawConnection.request(with: fields), stream: 1))
            let body = RawFrame.message(payload, stream: 1, flag: flag).payload
            for start in stride(from: 0, to: body.count, by: 16_384) {
                try await raw.send(RawFrame(.data, stream: 1, Array(body[start..<min(start + 16_384, body.count)])))
            }
            try await raw.send(RawFrame(.data, flags: RawFrame.endStream, stream: 1))
            try await check(try await raw.response(stream: 1))
            // Whatever it was, the connection goes on.
            try await raw.send(.headers(RawConnection.request(), stream: 3), .message([], stream: 3, end: true))
            #expect(try await raw.response(stream: 3).status == "0")
            try await raw.close()
        }
    }

    @Test("is accepted and answered in kind", arguments: [0, 1, 511, 512, 50_000, limit])
    func kind(size: Int) async throws {
        let payload = (0..<size).map { UInt8(truncatingIfNeeded: $0 / 100) }
        try await echo(try Self.pack(payload)) { response async throws in
            #expect(response.status == "0" && response.fields["grpc-encoding"] == "gzip")
            #expect(response.fields["grpc-accept-encoding"] == "identity,gzip")
            let message = try #require(response.messages.first)
            // Small ones are not worth it.
            #expect(message.flag == (size < 512 ? 0 : 1))
            #expect(try (message.flag == 0 ? message.payload : Self.unpack(message.payload)) == payload)
        }
    }

    @Test("what does not shrink is sent as it is")
    func incompressible() async throws {
        var random = SystemRandomNumberGenerator()
        let payload = (0..<5000).map { _ in UInt8.random(in: 0...255, using: &random) }
        try await echo(payload, flag: 0) { response async throws in
            #expect(response.messages.first?.flag == 0 && response.payloads == [payload])
        }
    }

    @Test("a client that does not compress is not sent compressed messages")
    func notAsked() async throws {
        let payload = Array(repeating: UInt8(1), count: 5000)
        try await echo(payload, flag: 0, with: [("grpc-accept-encoding", "gzip")]) { response async throws in
            #expect(response.fields["grpc-encoding"] == nil && response.fields["grpc-accept-encoding"] == "identity,gzip")
            #expect(response.payloads == [payload])
        }
    }

    @Test("one byte above the limit, and a bomb, are RESOURCE_EXHAUSTED", arguments: [limit + 1, 50_000_000])
    func tooLarge(size: Int) async throws {
        let packed = try Self.pack(Array(repeating: 0, count: size))
        try #require(packed.count < Self.limit)
        try await echo(packed) { response async throws in #expect(response.status == "8") }
    }

    @Test("a bomb is not unpacked beyond the limit")
    func bomb() throws {
        var spare = SpareBuffer()
        let packed = try Self.pack(Array(repeating: 0, count: 50_000_000))
        let wire = RawFrame.message(packed, stream: 1, flag: 1).payload
        var deframer = MessageDeframer(maxLength: Int.max)
        deframer.encoding = .gzip
        var sizes: [Int] = []
        try deframer.read(wire.span, spare: &spare) { sizes.append($0.readableBytes) }
        #expect(sizes == [50_000_000])
        let clock = ContinuousClock()
        let whole = try clock.measure { try deframer.read(wire.span, spare: &spare) { _ in } }
        // The least of some: other load on the machine only ever adds.
        let cuts = (0..<5).map { _ in
            var limited = MessageDeframer(maxLength: Self.limit)
            limited.encoding = .gzip
            return clock.measure { #expect(throws: MessageDeframer.Failure.unpacksTooLarge) { try limited.read(wire.span, spare: &spare) { _ in } } }
        }
        #expect(try #require(cuts.min()) < whole)
    }

    @Test("what is not gzip, or not all of it, or more than it, is INTERNAL", arguments: ["empty", "noise", "truncated", "trailing", "checksum", "zlib"])
    func corrupt(kind: String) async throws {
        var packed = try Self.pack(Array(repeating: 5, count: 1000))
        switch kind {
        case "empty": packed = []
        case "noise": packed = (0..<100).map { $0 }
        case "truncated": packed.removeLast(9)
        case "trailing": packed += [0]
        case "checksum": packed[packed.count - 8] ^= 1
        default: packed = [0x78, 0x9c, 0x03, 0, 0, 0, 0, 1]
        }
        try await echo(packed) { response async throws in #expect(response.status == "13") }
    }

    @Test("the compressed flag without gzip announced is refused", arguments: [
        ([("grpc-encoding", "identity")], "13"), ([], "13"), ([("grpc-encoding", "snappy")], "12"),
    ] as [([(String, String)], String)])
    func flagged(fields: [(String, String)], status: String) async throws {
        try await echo(try Self.pack([1]), with: fields) { response async throws in #expect(response.status == status) }
    }
}
