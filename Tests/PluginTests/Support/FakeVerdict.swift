// SPDX-License-Identifier: Apache-2.0
// What a hook or a resume answered, with its error, in a form that tests can compare.
public import CatenaABI

public enum FakeVerdict: Equatable, Sendable {
    case next, done, pending, again
    case fail(FakeError?)

    init(_ verdict: catena_verdict, _ error: FakeError?) {
        switch verdict {
        case CATENA_NEXT: self = .next
        case CATENA_DONE: self = .done
        case CATENA_PENDING: self = .pending
        case CATENA_AGAIN: self = .again
        default: self = .fail(error)
        }
    }

    public static func fail(_ code: catena_status, _ text: String) -> FakeVerdict { .fail(FakeError(code, text)) }
}

public indirect enum FakeCause: Equatable, Sendable {
    case none
    case error(FakeError)
}

public struct FakeError: Equatable, Sendable {
    public var code: catena_status
    public var text: String
    public var origin: String
    public var flags: UInt32 = 0
    public var cause: FakeCause = .none

    public init(_ code: catena_status, _ text: String, origin: String = "") {
        (self.code, self.text, self.origin) = (code, text, origin)
    }

    init(_ error: UnsafePointer<catena_error>) {
        self.init(error.pointee.code, error.pointee.text.swift, origin: error.pointee.origin.swift)
        flags = error.pointee.flags
        if let cause = error.pointee.cause { self.cause = .error(FakeError(cause)) }
    }

    public func withC<R>(_ body: (UnsafePointer<catena_error>) -> R) -> R {
        let text = Array(text.utf8CString), origin = Array(origin.utf8CString)
        return text.withUnsafeBufferPointer { text in
            origin.withUnsafeBufferPointer { origin in
                var error = catena_error()
                error.struct_size = UInt32(MemoryLayout<catena_error>.size)
                error.flags = flags
                error.code = code
                error.text = catena_str(ptr: text.baseAddress, len: text.count - 1)
                error.origin = catena_str(ptr: origin.baseAddress, len: origin.count - 1)
                guard case .error(let cause) = cause else { return body(&error) }
                return cause.withC {
                    error.cause = $0
                    return body(&error)
                }
            }
        }
    }
}
