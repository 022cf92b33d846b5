// SPDX-License-Identifier: Apache-2.0
//
// Modules say where a problem is in their config with a pointer relative to it; the host must graft it onto its own path.
// Kept as tokens, so that a key with a slash in it is escaped once, at the end.

/// A JSON pointer (RFC 6901).
struct JSONPointer: Sendable, Equatable, CustomStringConvertible {
    private(set) var tokens: [String] = []

    /// The pointer of the whole document.
    static let root = JSONPointer()

    private init() {}

    /// Nil unless the text is empty or begins with `/`, and each `~` is followed by 0 or 1.
    init?(_ text: String) {
        guard !text.isEmpty else { return }
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard let first = parts.first, first.isEmpty else { return nil }
        for part in parts.dropFirst() {
            guard let token = JSONPointer.unescaped(part) else { return nil }
            tokens.append(token)
        }
    }

    func appending(_ token: String) -> JSONPointer {
        var longer = self
        longer.append(token)
        return longer
    }

    func appending(_ index: Int) -> JSONPointer { appending(String(index)) }

    func appending(_ other: JSONPointer) -> JSONPointer {
        var longer = self
        longer.tokens += other.tokens
        return longer
    }

    mutating func append(_ token: String) { tokens.append(token) }

    mutating func removeLast() { tokens.removeLast() }

    var description: String {
        var text: [UInt8] = []
        for token in tokens {
            text.append(UInt8(ascii: "/"))
            for byte in token.utf8 {
                switch byte {
                case UInt8(ascii: "~"): text += [UInt8(ascii: "~"), UInt8(ascii: "0")]
                case UInt8(ascii: "/"): text += [UInt8(ascii: "~"), UInt8(ascii: "1")]
                default: text.append(byte)
                }
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func unescaped(_ part: some Sequence<UInt8>) -> String? {
        var token: [UInt8] = []
        var bytes = part.makeIterator()
        while let byte = bytes.next() {
            guard byte == UInt8(ascii: "~") else {
                token.append(byte)
                continue
            }
            switch bytes.next() {
            case UInt8(ascii: "0"): token.append(UInt8(ascii: "~"))
            case UInt8(ascii: "1"): token.append(UInt8(ascii: "/"))
            default: return nil
            }
        }
        return String(decoding: token, as: UTF8.self)
    }
}
