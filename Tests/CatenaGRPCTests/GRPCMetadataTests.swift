// SPDX-License-Identifier: Apache-2.0
// Metadata is the one thing a caller can put on the wire by name, so what must not get there is listed here.
import CatenaGRPC
import Testing

@Suite("GRPCMetadata")
struct GRPCMetadataTests {
    @Test("entries keep their order, names become lower-case and may repeat")
    func entries() throws {
        var metadata = GRPCMetadata()
        try metadata.add("B", "1")
        try metadata.add("a-bin", binary: [0, 255])
        try metadata.add("b", "2")
        #expect(metadata.texts("b") == ["1", "2"])
        #expect(metadata.binaries("a-bin") == [[0, 255]])
        #expect(metadata.entries.map(\.name) == ["b", "a-bin", "b"])
    }

    @Test("a name or value that HTTP/2 could not carry is refused", arguments: [
        ("", "v", GRPCMetadataError.invalidName("")), (":path", "v", .invalidName(":path")), ("a b", "v", .invalidName("a b")),
        ("grpc-x", "v", .reservedName("grpc-x")), ("TE", "v", .reservedName("te")), ("connection", "v", .reservedName("connection")),
        ("a-bin", "v", .nameNotForText("a-bin")), ("a", "b\nc", .invalidValue(name: "a")), ("a", "ö", .invalidValue(name: "a")),
    ])
    func refused(name: String, value: String, error: GRPCMetadataError) {
        var metadata = GRPCMetadata()
        #expect(throws: error) { try metadata.add(name, value) }
        #expect(metadata.isEmpty)
    }

    @Test("a binary value needs a name for one")
    func binaryName() {
        var metadata = GRPCMetadata()
        #expect(throws: GRPCMetadataError.nameNotForBinary("a")) { try metadata.add("a", binary: [1]) }
    }

    @Test("binary values that were joined with commas come apart")
    func joined() {
        var metadata = GRPCMetadata()
        let isTaken = metadata.addReceived(name: Array("a-bin".utf8).span, value: Array("Zg==,Zm8".utf8).span)
        #expect(isTaken)
        #expect(metadata.binaries("a-bin") == [[0x66], [0x66, 0x6f]])
    }
}
