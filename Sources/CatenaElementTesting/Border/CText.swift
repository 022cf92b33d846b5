// SPDX-License-Identifier: Apache-2.0
// Text and bytes between Swift and the header's views. What comes in is copied, what goes out is lent for the length of a
// closure, or kept for as long as a table lives.
internal import CatenaABI

extension catena_str {
    /// A copy.
    var text: String {
        guard let ptr, len > 0 else { return "" }
        return String(decoding: UnsafeRawBufferPointer(start: ptr, count: len), as: UTF8.self)
    }

    /// Lends a text.
    static func with<R>(_ text: String, _ body: (catena_str) -> R) -> R {
        var text = text
        return text.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { body(catena_str(ptr: $0.baseAddress, len: $0.count)) }
        }
    }
}

extension catena_view {
    static var absent: catena_view { catena_view(ptr: nil, len: 0) }

    /// A copy; nil for an absent view.
    var bytes: [UInt8]? { ptr.map { Array(UnsafeBufferPointer(start: $0, count: len)) } }

    /// Lends bytes; present also when there are none.
    static func with<R>(_ bytes: [UInt8], _ body: (catena_view) -> R) -> R {
        (bytes + [0]).withUnsafeBufferPointer { body(catena_view(ptr: $0.baseAddress, len: bytes.count)) }
    }
}

/// Texts that stay where they are for as long as their keeper.
final class TextKeeper {
    private var kept: [UnsafeMutableBufferPointer<CChar>] = []

    deinit { kept.forEach { $0.deallocate() } }

    func keep(_ text: String) -> catena_str {
        let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: text.utf8.count + 1)
        _ = copy.initialize(from: text.utf8.map { CChar(bitPattern: $0) } + [0])
        kept.append(copy)
        return catena_str(ptr: copy.baseAddress, len: text.utf8.count)
    }
}
