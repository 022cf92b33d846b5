// SPDX-License-Identifier: Apache-2.0
// What a log line says of a call. The connection's id is not among it: the host adds it to every line.
internal import CatenaElement

enum CallFields {
    /// First or refresh can only be told below the anchor, where a call is bound to its connection.
    static func request(_ hop: borrowing Hop<LoggingElement>) -> [LogField] {
        let kind = hop.connection == nil ? [] : [LogField("kind", hop.isFirst ? "first" : "refresh")]
        return kind + passing(hop)
    }

    static func passing(_ hop: borrowing Hop<LoggingElement>) -> [LogField] {
        reason(of: hop) + message(hop.message)
    }

    static func failing(_ hop: borrowing Hop<LoggingElement>, _ error: ElementError) -> [LogField] {
        reason(of: hop) + [
            LogField("service", hop.message.networkService), LogField("code", "\(error.code)"), LogField("error", error.text),
            LogField("origin", error.origin),
        ]
    }

    private static func message(_ message: borrowing Message) -> [LogField] {
        var fields = [
            LogField("service", message.networkService), LogField("path", message.pathNames.joined(separator: ">")),
            LogField("index", String(message.pathIndex)), LogField("state", "\(message.state)"),
        ]
        let endpoint = message.endpoint
        if !endpoint.isEmpty { fields.append(LogField("endpoint", endpoint)) }
        return fields
    }

    private static func reason(of hop: borrowing Hop<LoggingElement>) -> [LogField] {
        hop.reason == .caller ? [] : [LogField("reason", "\(hop.reason)")]
    }
}
