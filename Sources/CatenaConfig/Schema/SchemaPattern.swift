// SPDX-License-Identifier: Apache-2.0
//
// The small languages of chains.json as regular expressions of ECMA-262, which is what JSON Schema takes.
// Each has a parser in Values/; a test gives both the same texts, so that they cannot drift apart.

/// Patterns of texts, each for the whole text.
enum SchemaPattern {
    /// A key that carries a note.
    static let note = "^x-"

    /// As `ConfigName`.
    static let name = "^[A-Za-z0-9][A-Za-z0-9._-]{0,\(ConfigName.maximumLength - 1)}$"

    /// Something that is replaced from the environment, or an escaped `$${`: what the text will be is not written here.
    static let hasVariable = #"\$\{"#

    /// As `Substitution`, but for whether a variable is set: every `${` is one of `$${`, `${NAME}` and `${NAME:-default}`.
    static let variables = #"^(?:\$\$\{|\$\{[A-Za-z_][A-Za-z0-9_]*(?::-(?:(?!\$\{)[^}])*)?\}|\$(?!\$?\{)|[^$])*$"#

    /// A path: not empty, without a zero byte.
    static let fileName = #"^[^\u0000]+$"#

    /// As `EndpointURL`, for the schemes that can be listened on. A path is counted in characters, not in bytes.
    static let listener = "^(?:[Tt][Cc][Pp]://\(host):\(port)|[Uu][Nn][Ii][Xx]://\(socketPath))$"

    private static let port = "0*(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"

    private static let ipv4: String = {
        let number = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
        return #"\#(number)(?:\.\#(number)){3}"#
    }()

    /// Eight groups, or fewer with one gap: for each count of groups before the gap, as many after it as are left. The last two
    /// may be written as an IPv4 address.
    private static let ipv6: String = {
        let group = "[0-9A-Fa-f]{1,4}"
        let gaps = (0...7).map { before in
            let head = before == 0 ? "" : "\(group)(?::\(group)){\(before - 1)}"
            let groups = before < 7 ? "(?:\(group):){0,\(6 - before)}\(group)" : ""
            let mixed = before < 6 ? "|(?:\(group):){0,\(5 - before)}\(ipv4)" : ""
            return "\(head)::" + (groups.isEmpty ? "" : "(?:\(groups)\(mixed))?")
        }
        return (["(?:\(group):){7}\(group)", "(?:\(group):){6}\(ipv4)"] + gaps).joined(separator: "|")
    }()

    /// A name whose last label is a number would be an IPv4 address, and no good one.
    private static let host: String = {
        let label = "[A-Za-z0-9_-]{1,63}"
        let name = #"(?=[^:]{1,253}:)(?:\#(label)\.)*(?![0-9]+:)\#(label)"#
        return #"(?:\#(ipv4)|\[(?:\#(ipv6))\]|\#(name))"#
    }()

    /// Absolute, not a folder, and no longer than a socket's path when repeated slashes and `.` parts are gone.
    private static let socketPath: String = {
        let slash = #"/(?:\.?/)*"#
        let length = EndpointURL.maximumUnixPathLength
        return #"(?=/)(?!(?:/\.?)+$)(?![^\u0000]*/$)(?:\#(slash)|[^/\u0000]){2,\#(length)}(?:\#(slash)\.)?"#
    }()
}
