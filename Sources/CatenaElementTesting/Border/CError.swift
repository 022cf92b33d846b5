// SPDX-License-Identifier: Apache-2.0
// An error of the kit as the header's, and back, with all its causes: a test states errors in the words of the kit.
internal import CatenaABI
internal import CatenaElement

extension ElementError {
    /// Copies what the other side lends. A chain of more causes than this is a loop.
    init(copying error: UnsafePointer<catena_error>, depth: Int = 0) {
        self.init(Code(rawValue: error.pointee.code), error.pointee.text.text)
        origin = error.pointee.origin.text
        isIndefinite = error.pointee.flags & CATENA_ERROR_INDEFINITE != 0
        isRefusal = error.pointee.flags & CATENA_ERROR_REFUSED != 0
        if depth < 32, let below = error.pointee.cause { cause = ElementError(copying: below, depth: depth + 1) }
    }

    /// Lends the error to the other side.
    func lend<R>(_ body: (UnsafePointer<catena_error>) -> R) -> R {
        guard let cause else { return lend(cause: nil, body) }
        return cause.lend { lend(cause: $0, body) }
    }

    /// Lends an error, or none.
    static func lend<R>(_ error: ElementError?, _ body: (UnsafePointer<catena_error>?) -> R) -> R {
        guard let error else { return body(nil) }
        return error.lend { body($0) }
    }

    private func lend<R>(cause: UnsafePointer<catena_error>?, _ body: (UnsafePointer<catena_error>) -> R) -> R {
        catena_str.with(text) { text in
            catena_str.with(origin) { origin in
                var error = catena_error()
                error.struct_size = UInt32(MemoryLayout<catena_error>.size)
                error.flags = (isIndefinite ? CATENA_ERROR_INDEFINITE : 0) | (isRefusal ? CATENA_ERROR_REFUSED : 0)
                error.code = code.rawValue
                error.text = text
                error.origin = origin
                error.cause = cause
                return body(&error)
            }
        }
    }
}
