// SPDX-License-Identifier: Apache-2.0
// The one place where an ElementError becomes a catena_error and back. Nothing is lost on the way: flags, origin and the
// whole chain of causes cross.
internal import CatenaABI

extension ElementError {
    /// Errors the host passes down may replace one another; a longer chain than this is a loop.
    private static let maximumCauses = 32

    /// Copies what the host lends.
    init(copying error: UnsafePointer<catena_error>) {
        self.init(copying: error, depth: 0)
    }

    private init(copying error: UnsafePointer<catena_error>, depth: Int) {
        self.init(Code(rawValue: error.pointee.code), error.pointee.text.string)
        origin = error.pointee.origin.string
        isIndefinite = error.pointee.flags & CATENA_ERROR_INDEFINITE != 0
        isRefusal = error.pointee.flags & CATENA_ERROR_REFUSED != 0
        if depth < Self.maximumCauses, let cause = error.pointee.cause {
            self.cause = ElementError(copying: cause, depth: depth + 1)
        }
    }

    /// Lends the error to the host, which copies what it keeps.
    func withC<R>(_ body: (UnsafePointer<catena_error>) -> R) -> R {
        guard let cause else { return withC(cause: nil, body) }
        return cause.withC { withC(cause: $0, body) }
    }

    private func withC<R>(cause: UnsafePointer<catena_error>?, _ body: (UnsafePointer<catena_error>) -> R) -> R {
        withCText(text) { text in
            withCText(origin) { origin in
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

    /// What a status of the host means to the caller of the function that answered it.
    init(status: catena_status, _ what: String) {
        switch status {
        case CATENA_GONE: self.init(.aborted, "\(what): it has ended")
        case CATENA_BUSY: self.init(.aborted, "\(what): not this element's turn")
        case 1...16: self.init(Code(rawValue: status), what)
        default: self.init(.internal, "\(what): the host answered \(status)")
        }
    }
}
