// SPDX-License-Identifier: Apache-2.0
//
// One type for where to listen and where to dial, so both sides of a connection are written and checked the same way.
// It holds the normal form of what was written: two URLs that mean the same address are equal and hash alike.

/// An address in the form of Network Service Mesh: `tcp://host:port`, `unix:///path` or `inproc://chain`.
public enum EndpointURL: Sendable, Hashable {
    /// The host is an IPv4 address, an IPv6 address without brackets in the form of RFC 5952, or a name in lower case.
    /// Port 0 means "any free port" to a listener and nothing to a client.
    case tcp(host: String, port: UInt16)
    /// An absolute path of at most 107 bytes, taken literally: no `%` escapes. Repeated slashes and `.` parts are gone.
    case unix(path: String)
    /// Another chain of the same host, by its name; calls reach it without a socket. Valid for clients only.
    case inproc(chain: String)

    /// Parses a URL. The error's message is the end of a sentence that quotes what was given and says what to write.
    public init(_ text: String) throws(EndpointURLError) {
        guard let separator = text.firstRange(of: "://") else {
            throw EndpointURLError("\(text.quoted()) is no URL\(EndpointURL.hint(forBareAddress: text))")
        }
        let rest = String(text[separator.upperBound...])
        switch text[..<separator.lowerBound].lowercased() {
        case "tcp": self = try EndpointURL.tcp(parsing: rest, of: text)
        case "unix": self = try EndpointURL.unix(parsing: rest, of: text)
        case "inproc": self = try EndpointURL.inproc(parsing: rest, of: text)
        case let other:
            let near = Suggestion.nearest(to: other, in: EndpointURL.schemes)
            let hint = near.map { "did you mean \("\($0)://\(rest)".quoted())?" } ?? "write tcp://host:port or unix:///path"
            throw EndpointURLError("\(text.quoted()) has the unknown scheme \(other.quoted()): \(hint)")
        }
    }

    private static let schemes = ["tcp", "unix", "inproc"]

    private static func hint(forBareAddress text: String) -> String {
        for scheme in schemes where text.lowercased().hasPrefix("\(scheme):") {
            let rest = text.dropFirst(scheme.count + 1).drop { $0 == "/" }
            let whole = scheme == "unix" ? "unix:///\(rest)" : "\(scheme)://\(rest)"
            if (try? EndpointURL(whole)) != nil { return " (did you mean \(whole.quoted())?)" }
        }
        let guess = text.hasPrefix("/") ? "unix://\(text)" : text.hasPrefix(":") ? "tcp://127.0.0.1\(text)" : "tcp://\(text)"
        if (try? EndpointURL(guess)) != nil { return " (did you mean \(guess.quoted())?)" }
        return ": write tcp://host:port or unix:///path"
    }
}

extension EndpointURL: CustomStringConvertible {
    /// The URL in its normal form; parsing it gives an equal value.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.utf8.contains(UInt8(ascii: ":")) ? "tcp://[\(host)]:\(port)" : "tcp://\(host):\(port)"
        case .unix(let path): "unix://\(path)"
        case .inproc(let chain): "inproc://\(chain)"
        }
    }
}
