// SPDX-License-Identifier: Apache-2.0
// Header fields arrive as borrowed bytes, and most of them are only looked at. These are the looks, so that a String is made for
// what is kept and for nothing else.

extension Span<UInt8> {
    /// Byte for byte the same as `text`.
    func equals(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && hasPrefix(text)
    }

    /// Begins with the bytes of `text`.
    func hasPrefix(_ text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { text in
            for index in text.indices where unsafe self[index] != text[index] { return false }
            return true
        }
    }

    /// Ends with the bytes of `text`.
    func hasSuffix(_ text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount else { return false }
        return extracting((count - text.utf8CodeUnitCount)...).equals(text)
    }

    /// Byte for byte the same as `bytes`.
    func equals(_ bytes: [UInt8]) -> Bool {
        guard count == bytes.count else { return false }
        for index in indices where self[index] != bytes[index] { return false }
        return true
    }
}

extension String {
    /// A copy of borrowed bytes; what is not UTF-8 becomes U+FFFD.
    init(copying bytes: Span<UInt8>) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
