// SPDX-License-Identifier: Apache-2.0
// Where a server listens and a client dials, written as users write it: tcp://host:port and unix:///path. It is a value that has
// been understood, so that everything after configuration speaks of one thing and prints it in one way.
internal import NIOCore

/// An address of a server.
public enum GRPCAddress: Hashable, Sendable, CustomStringConvertible {
    /// A host name or an IP address without brackets, and a port; port 0 lets the system choose when listening.
    case tcp(host: String, port: Int)
    /// The path of a Unix domain socket.
    case unix(path: String)

    /// Reads `tcp://host:port`, `tcp://[ipv6]:port` or `unix:///path`; nil for anything else.
    public init?(url: String) {
        if url.hasPrefix("unix://") {
            let path = String(url.dropFirst("unix://".count))
            guard path.hasPrefix("/"), path.utf8.count > 1 else { return nil }
            self = .unix(path: path)
            return
        }
        guard url.hasPrefix("tcp://") else { return nil }
        let rest = url.dropFirst("tcp://".count)
        guard let colon = rest.lastIndex(of: ":"), let port = UInt16(rest[rest.index(after: colon)...]) else { return nil }
        var host = rest[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, !host.contains("/") else { return nil }
        self = .tcp(host: String(host), port: Int(port))
    }

    /// The URL form, which ``init(url:)`` reads back.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "tcp://[\(host)]:\(port)" : "tcp://\(host):\(port)"
        case .unix(let path): "unix://\(path)"
        }
    }

    /// The `:authority` of requests to this address.
    var authority: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix: "localhost"
        }
    }
}

extension GRPCAddress {
    /// The address of one end of a socket; an unnamed Unix socket has an empty path.
    init?(_ address: SocketAddress) {
        switch address {
        case .unixDomainSocket: self = .unix(path: address.pathname ?? "")
        case .v4, .v6:
            guard let host = address.ipAddress, let port = address.port else { return nil }
            self = .tcp(host: host, port: port)
        }
    }
}
