// SPDX-License-Identifier: Apache-2.0
// The system's and NIO's errors as clauses that fit into a sentence: "connection refused", not "IOError(errnoCode: 111, ...)".
// What people read in a status message at night is made here and nowhere else.
internal import Glibc
internal import NIOCore
internal import NIOPosix

/// The system's text for an errno, its first letter in lower case.
func systemErrorText(_ code: CInt) -> String {
    let text = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        guard let start = buffer.baseAddress, unsafe strerror_r(code, start, buffer.count) == 0 else { return "error \(code)" }
        return unsafe String(cString: start)
    }
    return text.prefix(1).lowercased() + text.dropFirst()
}

/// The errno within an error of NIO, if there is one.
func systemErrorCode(_ error: any Error) -> CInt? {
    switch error {
    case let error as IOError: error.errnoCode
    case let error as NIOConnectionError: error.connectionErrors.first.flatMap { systemErrorCode($0.error) }
    default: nil
    }
}

/// An error of the socket layer as a clause.
func describe(_ error: any Error) -> String {
    switch error {
    case let error as IOError: return systemErrorText(error.errnoCode)
    case let error as NIOConnectionError:
        if let first = error.connectionErrors.first { return describe(first.error) }
        return "no address found for \"\(error.host)\""
    case SocketAddressError.unknown(let host, _):
        return "no address found for \"\(host)\""
    case let error as SocketAddressError.UnknownHost:
        return "no address found for \"\(error.host)\""
    case ChannelError.connectTimeout(let limit):
        return "no connection within \(describe(limit))"
    default: return "\(error)"
    }
}

/// A time limit as people write it.
func describe(_ amount: TimeAmount) -> String {
    amount.nanoseconds % 1_000_000_000 == 0 ? "\(amount.nanoseconds / 1_000_000_000) s" : "\(amount.nanoseconds / 1_000_000) ms"
}
