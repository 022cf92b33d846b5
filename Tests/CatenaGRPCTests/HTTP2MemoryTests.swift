// SPDX-License-Identifier: Apache-2.0
// The memory that nghttp2 is given: pieces that do not overlap, are used again, and are not kept without end.
import CNghttp2
import Glibc
import Testing

@testable import CatenaGRPC

@Suite("HTTP/2 memory")
struct HTTP2MemoryTests {
    let memory = HTTP2Memory()

    private func take(_ size: Int) throws -> UnsafeMutableRawPointer {
        let functions = memory.functions
        return try #require(functions.malloc(size, functions.mem_user_data))
    }

    private func put(_ piece: UnsafeMutableRawPointer?) {
        let functions = memory.functions
        functions.free(piece, functions.mem_user_data)
    }

    @Test("pieces are aligned and hold what they were asked for", arguments: [0, 1, 16, 31, 32, 33, 1000, 1024, 1025, 100_000])
    func sizes(size: Int) throws {
        let pieces = try (0..<3).map { _ in try take(size) }
        for (index, piece) in pieces.enumerated() {
            #expect(UInt(bitPattern: piece) % 16 == 0)
            memset(piece, CInt(index + 1), size)
        }
        for (index, piece) in pieces.enumerated() {
            #expect(UnsafeRawBufferPointer(start: piece, count: size).allSatisfy { $0 == UInt8(index + 1) })
            put(piece)
        }
    }

    @Test("a piece that was given back serves the next of its size, and a cleared one is clear")
    func again() throws {
        let piece = try take(100)
        memset(piece, 0xff, 100)
        put(piece)
        #expect(memory.bytes == 128)
        let functions = memory.functions
        let cleared = try #require(functions.calloc(10, 10, functions.mem_user_data))
        #expect(cleared == piece && memory.bytes == 0)
        #expect(UnsafeRawBufferPointer(start: cleared, count: 100).allSatisfy { $0 == 0 })
        #expect(functions.calloc(.max, 2, functions.mem_user_data) == nil)
        put(cleared)
    }

    @Test("a piece that grows or shrinks keeps what fits")
    func resize() throws {
        let functions = memory.functions
        var piece = functions.realloc(nil, 40, functions.mem_user_data)
        memset(try #require(piece), 7, 40)
        for size in [2000, 500, 20] { piece = functions.realloc(piece, size, functions.mem_user_data) }
        #expect(UnsafeRawBufferPointer(start: piece, count: 20).allSatisfy { $0 == 7 })
        put(piece)
        put(nil)
    }

    @Test("what is kept has a limit, and can be given back")
    func limit() throws {
        let pieces = try (0..<1000).map { _ in try take(1024) }
        pieces.forEach(put)
        #expect(memory.bytes == HTTP2Memory.keptBytes)
        put(try take(2000))
        #expect(memory.bytes == HTTP2Memory.keptBytes)
        memory.giveBack()
        #expect(memory.bytes == 0)
    }
}
