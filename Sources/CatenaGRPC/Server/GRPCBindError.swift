// SPDX-License-Identifier: Apache-2.0
// The commonest failure of a server's day, so it keeps what its host needs to be helpful: which address, and which errno.
internal import Glibc

/// A listener that could not be opened.
public struct GRPCBindError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure; the set may grow.
    public struct Code: Hashable, Sendable {
        private enum Kind { case addressInUse, notASocket, invalidAddress, system }
        private let kind: Kind

        /// Another process listens there (EADDRINUSE, or a Unix socket that answers).
        public static let addressInUse = Code(kind: .addressInUse)
        /// There is a file at the path of the Unix socket that is no socket. It was not touched.
        public static let notASocket = Code(kind: .notASocket)
        /// The address cannot be one: an unknown host name, a path too long for a Unix socket.
        public static let invalidAddress = Code(kind: .invalidAddress)
        /// Any other refusal of the system; see ``GRPCBindError/errno``.
        public static let system = Code(kind: .system)
    }

    public let code: Code
    public let listener: GRPCListener
    /// The system's error number, where the system was asked.
    public let errno: CInt?
    /// A clause that says what is wrong.
    public let message: String

    init(_ code: Code, _ listener: GRPCListener, errno: CInt? = nil, _ message: String) {
        self.code = code
        self.listener = listener
        self.errno = errno
        self.message = message
    }

    init(_ listener: GRPCListener, errno: CInt) {
        self.init(errno == EADDRINUSE ? .addressInUse : .system, listener, errno: errno, systemErrorText(errno))
    }

    init(_ listener: GRPCListener, _ error: any Error) {
        switch error {
        case let error as GRPCBindError: self = error
        default:
            if let errno = systemErrorCode(error) {
                self.init(listener, errno: errno)
            } else {
                self.init(.invalidAddress, listener, describe(error))
            }
        }
    }

    public var description: String { "cannot listen on \(listener): \(message)" }
}
