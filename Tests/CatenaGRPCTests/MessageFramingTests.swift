// SPDX-License-Identifier: Apache-2.0
// Five bytes and a payload, cut anywhere by whoever is in between. Framing must not notice the cuts.
import CatenaGRPC
import NIOCore
import Testing

@Suite("Length-prefixed messages")
struct MessageFramingTests {
    @Test("a message is the same however it is cut on either side", arguments: [1, 2, 4, 5, 6, 7, 100])
    func cuts(size: Int) throws {
        var wire = ByteBuffer()
        for payload in ["", "a", "some more bytes"] {
            var message = OutboundMessage(GRPCPayload(ByteBuffer(string: payload)))
            while message.remainingBytes > 0 {
                wire.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { room in
                    let part = UnsafeMutableRawBufferPointer(rebasing: room[..<min(size, message.remainingBytes)])
                    _ = message.write(into: part)
                    return part.count
                }
            }
        }
        var spare = SpareBuffer()
        var deframer = MessageDeframer(maxLength: 100)
        var messages: [String] = []
        while let piece = wire.readBytes(length: min(size, wire.readableBytes)), !piece.isEmpty {
            try deframer.read(piece.span, spare: &spare) { messages.append(String(buffer: $0)) }
        }
        #expect(messages == ["", "a", "some more bytes"])
        #expect(!deframer.isInsideMessage)
    }

    @Test("a message that cannot be read is a failure of its kind", arguments: [
        ([1, 0, 0, 0, 0], MessageDeframer.Failure.compressed), ([2, 0, 0, 0, 0], .invalidFlag(2)), ([0, 0, 0, 0, 11], .tooLarge(length: 11)),
        ([0, 0xff, 0xff, 0xff, 0xff], .tooLarge(length: 0xffff_ffff)),
    ] as [([UInt8], MessageDeframer.Failure)])
    func failures(bytes: [UInt8], failure: MessageDeframer.Failure) {
        var spare = SpareBuffer()
        var deframer = MessageDeframer(maxLength: 10)
        #expect(throws: failure) { try deframer.read(bytes.span, spare: &spare) { _ in } }
    }

    @Test("a cut message is seen as such", arguments: [1, 4, 5, 7])
    func truncated(count: Int) throws {
        var spare = SpareBuffer()
        var deframer = MessageDeframer(maxLength: 10)
        let bytes = Array(([0, 0, 0, 0, 5, 1, 2, 3, 4, 5] as [UInt8]).prefix(count))
        try deframer.read(bytes.span, spare: &spare) { _ in }
        #expect(deframer.isInsideMessage)
    }
}
