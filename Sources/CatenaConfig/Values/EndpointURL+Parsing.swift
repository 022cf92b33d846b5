// SPDX-License-Identifier: Apache-2.0
//
// Addresses are checked down to their digits before anything is opened: a typing error must not become a DNS question.
// Hosts that look like an IPv4 address but are none are refused for that reason.

extension EndpointURL {
    /// The longest path of a Unix socket on Linux, in bytes: 108 less the final zero.
    public static let maximumUnixPathLength = 107

    static func tcp(parsing rest: String, of text: String) throws(EndpointURLError) -> EndpointURL {
        let bytes = rest.utf8
        let hostEnd: String.Index
        if bytes.first == UInt8(ascii: "[") {
            guard let bracket = bytes.firstIndex(of: UInt8(ascii: "]")) else {
                throw EndpointURLError("\(text.quoted()) has no \"]\" after the IPv6 address")
            }
            hostEnd = bytes.index(after: bracket)
        } else {
            hostEnd = bytes.lastIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
        }
        let host = try normalHost(String(decoding: bytes[..<hostEnd], as: UTF8.self), of: text)
        let after = bytes[hostEnd...]
        guard after.first == UInt8(ascii: ":"), after.count > 1 else {
            throw EndpointURLError("\(text.quoted()) has no port: write tcp://host:port")
        }
        return .tcp(host: host, port: try port(String(decoding: after.dropFirst(), as: UTF8.self), of: text))
    }

    static func unix(parsing rest: String, of text: String) throws(EndpointURLError) -> EndpointURL {
        guard rest.utf8.first == UInt8(ascii: "/") else {
            throw EndpointURLError("\(text.quoted()) has no absolute path: write three slashes, as in unix:///run/catena.sock")
        }
        guard !rest.utf8.contains(0) else { throw EndpointURLError("\(text.quoted()) has a zero byte in its path") }
        let parts = rest.utf8.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
        let path = parts.filter { $0 != "." }.map { "/\($0)" }.joined()
        guard !path.isEmpty, rest.utf8.last != UInt8(ascii: "/") else {
            throw EndpointURLError("\(text.quoted()) names a folder: write the path of a socket")
        }
        let length = path.utf8.count
        guard length <= maximumUnixPathLength else {
            throw EndpointURLError(
                "\(text.quoted()) has a path of \(length) bytes: a Unix socket takes at most \(maximumUnixPathLength)")
        }
        return .unix(path: path)
    }

    static func inproc(parsing rest: String, of text: String) throws(EndpointURLError) -> EndpointURL {
        if let problem = ConfigName.problem(with: rest) {
            throw EndpointURLError("\(text.quoted()) names no chain: the name \(rest.quoted()) \(problem)")
        }
        return .inproc(chain: rest)
    }

    private static func normalHost(_ host: String, of text: String) throws(EndpointURLError) -> String {
        if host.isEmpty {
            throw EndpointURLError("\(text.quoted()) has no host: write 127.0.0.1 for this machine only, 0.0.0.0 for all addresses")
        }
        if host.utf8.first == UInt8(ascii: "[") {
            let inner = String(decoding: host.utf8.dropFirst().dropLast(), as: UTF8.self)
            guard let address = IPAddressText.normalIPv6(inner) else {
                throw EndpointURLError("\(text.quoted()) has no valid IPv6 address in its brackets")
            }
            return address
        }
        if IPAddressText.normalIPv6(host) != nil {
            throw EndpointURLError("\(text.quoted()) has an IPv6 address without brackets: write tcp://[\(host)]:port")
        }
        let labels = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        if let last = labels.last, !last.isEmpty, last.allSatisfy(\.isDigit) {
            guard IPAddressText.isIPv4(host) else {
                let hint = "write four numbers from 0 to 255, without leading zeros"
                throw EndpointURLError("\(text.quoted()) has no valid IPv4 address: \(hint)")
            }
            return host
        }
        let marks = [UInt8(ascii: "-"), UInt8(ascii: "_")]
        let isName = host.utf8.count <= 253 && labels.allSatisfy { label in
            (1...63).contains(label.count) && label.allSatisfy { $0.isLetterOrDigit || marks.contains($0) }
        }
        guard isName else { throw EndpointURLError("\(text.quoted()) has no valid host name: \(host.quoted())") }
        return host.lowercased()
    }

    private static func port(_ digits: String, of text: String) throws(EndpointURLError) -> UInt16 {
        if let end = digits.utf8.firstIndex(of: UInt8(ascii: "/")), UInt16(digits[..<end]) != nil {
            throw EndpointURLError("\(text.quoted()) goes on after its port: remove \(String(digits[end...]).quoted())")
        }
        guard digits.utf8.allSatisfy(\.isDigit), let port = UInt16(digits) else {
            throw EndpointURLError("\(text.quoted()) has the port \(digits.quoted()): write a number from 0 to 65535")
        }
        return port
    }
}
