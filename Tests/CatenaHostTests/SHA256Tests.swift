// SPDX-License-Identifier: Apache-2.0
// The vectors of FIPS 180-4, and every length around the end of a block.

@testable import CatenaHost
import Testing

@Suite("SHA-256")
struct SHA256Tests {
    private static func hex(_ text: String) -> String { Array(text.utf8).withUnsafeBytes { SHA256.hex($0) } }

    @Test("the standard's own examples", arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
    ])
    func examples(text: String, hash: String) { #expect(Self.hex(text) == hash) }

    @Test("a hundred thousand letters")
    func long() {
        #expect(Self.hex(String(repeating: "a", count: 100_000)) == "6d1cf22d7cc09b085dfc25ee1a1f3ae0265804c607bc2074ad253bcc82fd81ee")
    }

    @Test("the hashes of 0 to 199 letters, hashed")
    func lengths() {
        #expect(Self.hex((0..<200).map { Self.hex(String(repeating: "x", count: $0)) }.joined()) == "f61ffcc417e1f0e59eba2da7fa32fbe05b64e478b68c6bacf990455f00248b98")
    }
}
