// SPDX-License-Identifier: Apache-2.0
// Where a client side goes. It is checked when it is made and held in place, as plain bytes, so that it can be a context
// value and be stored with a connection.
internal import CatenaABI

/// `tcp://host:port`, `unix:///path` or `inproc://chain`, at most 251 bytes; or no URL.
public struct ClientURL: ContextValue {
    var bytes: catena_url

    /// No URL: what a context value holds where nobody wrote.
    public init() { bytes = catena_url() }

    init(_ bytes: catena_url) { self.bytes = bytes }

    /// - Throws: ``Malformed`` with the reason.
    public init(_ text: String) throws(Malformed) {
        if let reason = Self.problem(in: text) { throw Malformed(reason: reason) }
        bytes = catena_url(text: text)
    }

    /// Whether this is no URL.
    public var isEmpty: Bool { bytes.len == 0 }

    /// The URL as text, empty for no URL.
    public var text: String { bytes.string }

    /// The text is not a client URL.
    public struct Malformed: Error, Equatable, Sendable {
        /// What is wrong, as a phrase: `a socket has an absolute path`.
        public let reason: String
    }

    static let maximumLength = 251
    /// What fits into a socket address, without its closing NUL.
    static let maximumSocketPath = 107

    private static func problem(in text: String) -> String? {
        guard text.utf8.count <= maximumLength else { return "a URL has at most \(maximumLength) bytes" }
        guard let mark = text.firstRange(of: "://") else { return "there is no \"://\" in it" }
        let rest = text[mark.upperBound...]
        if rest.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) { return "there is a space or a control character in it" }
        if rest.utf8.contains(where: { $0 > 0x7F }) { return "a URL is ASCII" }
        switch text[..<mark.lowerBound] {
        case "tcp": return problem(inAddress: rest)
        case "unix":
            if !rest.hasPrefix("/") || rest == "/" { return "a socket has an absolute path" }
            return rest.utf8.count > maximumSocketPath ? "a socket's path has at most \(maximumSocketPath) bytes" : nil
        case "inproc": return rest.isEmpty || rest.contains("/") ? "expected the name of a chain after inproc://" : nil
        case let scheme: return "the scheme \"\(scheme)\" is none of tcp, unix, inproc"
        }
    }

    private static func problem(inAddress address: Substring) -> String? {
        guard let colon = address.lastIndex(of: ":"), colon != address.startIndex else { return "expected host:port after tcp://" }
        let host = address[..<colon]
        if host.contains(":"), !(host.hasPrefix("[") && host.hasSuffix("]")) { return "an IPv6 address stands in brackets" }
        if host.contains("/") { return "expected host:port after tcp://" }
        let port = address[address.index(after: colon)...]
        guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), !port.hasPrefix("0"), UInt16(port) != nil else {
            return "a port is a number from 1 to 65535"
        }
        return nil
    }

    /// The same language as a regular expression of ECMA-262, but for the whole length.
    static let pattern =
        #"^(?:tcp://(?:[!-.0-9;-~]+|\[[!-.0-~]*\]):"#
        + "(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
        + "|unix:///[!-~]{1,\(maximumSocketPath - 1)}|inproc://[!-.0-~]+)$"
}

extension ClientURL: Equatable {
    /// Whether both are the same text.
    public static func == (left: ClientURL, right: ClientURL) -> Bool { left.bytes.isEqual(to: right.bytes) }
}

extension ClientURL: CustomStringConvertible {
    /// The URL as text.
    public var description: String { text }
}
