// SPDX-License-Identifier: Apache-2.0
// Text and bytes between Swift and the header's views. Views are borrowed, so that what comes in is copied at once and what
// goes out is lent for the length of a closure.
internal import CatenaABI

extension catena_str {
    /// A copy. Bytes that are not UTF-8 become U+FFFD.
    var string: String {
        guard let ptr, len > 0 else { return "" }
        return String(decoding: UnsafeRawBufferPointer(start: ptr, count: len), as: UTF8.self)
    }

    /// Text that is never freed.
    static func forever(_ text: String) -> catena_str {
        let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: text.utf8.count)
        for (index, byte) in text.utf8.enumerated() { copy[index] = CChar(bitPattern: byte) }
        return catena_str(ptr: copy.baseAddress, len: copy.count)
    }
}

extension catena_view {
    /// A copy; nil for an absent view.
    var bytes: [UInt8]? {
        guard let ptr else { return nil }
        return Array(UnsafeBufferPointer(start: ptr, count: len))
    }

    /// A copy as text; nil for an absent view.
    var string: String? {
        guard let ptr else { return nil }
        return String(decoding: UnsafeBufferPointer(start: ptr, count: len), as: UTF8.self)
    }

    static var absent: catena_view { catena_view(ptr: nil, len: 0) }
}

/// Lends a text to a C function.
func withCText<R>(_ text: String, _ body: (catena_str) -> R) -> R {
    var text = text
    return text.withUTF8 { utf8 in
        utf8.withMemoryRebound(to: CChar.self) { body(catena_str(ptr: $0.baseAddress, len: $0.count)) }
    }
}

/// Lends a text as bytes, present also when it is empty.
func withCView<R>(_ text: String, _ body: (catena_view) -> R) -> R {
    var text = text
    return text.withUTF8 { withPresent($0, body) }
}

/// Lends bytes; nil is the absent view.
func withCView<R>(_ bytes: [UInt8]?, _ body: (catena_view) -> R) -> R {
    guard let bytes else { return body(.absent) }
    return bytes.withUnsafeBufferPointer { withPresent($0, body) }
}

/// An empty buffer may have no address, which would make it absent.
private func withPresent<R>(_ buffer: UnsafeBufferPointer<UInt8>, _ body: (catena_view) -> R) -> R {
    if let base = buffer.baseAddress { return body(catena_view(ptr: base, len: buffer.count)) }
    return withUnsafePointer(to: 0 as UInt8) { body(catena_view(ptr: $0, len: 0)) }
}

extension catena_url {
    /// - Precondition: at most 251 bytes, which ``ClientURL`` sees to; more are cut.
    init(text: String) {
        self.init()
        let utf8 = text.utf8.prefix(ClientURL.maximumLength)
        withUnsafeMutableBytes(of: &self.text) { $0.copyBytes(from: utf8) }
        len = UInt32(utf8.count)
    }

    private var count: Int { min(Int(len), MemoryLayout.size(ofValue: text)) }

    var string: String {
        withUnsafeBytes(of: text) { String(decoding: $0.prefix(count), as: UTF8.self) }
    }

    func isEqual(to other: String) -> Bool {
        withUnsafeBytes(of: text) { mine in
            let mine = UnsafeRawBufferPointer(rebasing: mine[..<count])
            // In place, which only a String that came over from elsewhere cannot be read.
            return other.utf8.withContiguousStorageIfAvailable { mine.hasSameBytes(as: UnsafeRawBufferPointer($0)) } ?? other.utf8.elementsEqual(mine)
        }
    }

    func isEqual(to other: catena_url) -> Bool {
        guard len == other.len else { return false }
        let count = count
        return withUnsafeBytes(of: text) { mine in
            withUnsafeBytes(of: other.text) {
                UnsafeRawBufferPointer(rebasing: mine[..<count]).hasSameBytes(as: UnsafeRawBufferPointer(rebasing: $0[..<count]))
            }
        }
    }
}

extension catena_writer {
    /// A writer that appends to an array, while the pointer is valid.
    init(appendingTo bytes: UnsafeMutablePointer<[UInt8]>) {
        self.init()
        struct_size = UInt32(MemoryLayout<catena_writer>.size)
        ctx = UnsafeMutableRawPointer(bytes)
        put = { context, view in
            guard let bytes = context?.assumingMemoryBound(to: [UInt8].self) else { return }
            bytes.pointee.append(contentsOf: UnsafeBufferPointer(start: view.ptr, count: view.len))
        }
    }
}
