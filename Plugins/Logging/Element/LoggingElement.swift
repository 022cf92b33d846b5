// SPDX-License-Identifier: Apache-2.0
// Says what passes a place in a chain, and changes nothing. Two of them, at the head and in a client chain, show what a
// host was asked and what it asked for.
public import CatenaElement

/// One line where a Request or Close enters the rest of the chain, and one where it comes back.
public final class LoggingElement: ChainElement, RequestHook, RequestReplyHook, CloseHook, CloseReplyHook {
    public typealias CallSlot = EntryTime

    public static let descriptor = ElementDescriptor("logging", summary: "writes a line for each Request and Close, in and out")

    private let config: LoggingConfig
    private let host: Host

    public init(config: LoggingConfig, host: Host) {
        self.config = config
        self.host = host
        host.log.setLevel(config.level)
    }

    public func request(_ hop: borrowing Hop<LoggingElement>) -> Verdict {
        guard host.log.isEnabled(.info) else { return .next }
        enter("request", hop, CallFields.request(hop), body: .request)
        return .next
    }

    public func requestReply(_ hop: borrowing Hop<LoggingElement>, below: borrowing Outcome) -> Verdict {
        leave("request done", "request failed", hop, below)
        return .next
    }

    public func close(_ hop: borrowing Hop<LoggingElement>) -> Verdict {
        guard host.log.isEnabled(.info) else { return .next }
        enter("close", hop, CallFields.passing(hop), body: .connection)
        return .next
    }

    public func closeReply(_ hop: borrowing Hop<LoggingElement>, below: borrowing Outcome) -> Verdict {
        leave("close done", "close failed", hop, below)
        return .next
    }

    private func enter(_ text: StaticString, _ hop: borrowing Hop<LoggingElement>, _ fields: [LogField], body: MessageField) {
        hop.callSlot.nanoseconds = host.now
        host.log.write(.info, text, of: hop.ticket, fields + self.body(body, of: hop.message))
    }

    private func leave(
        _ done: StaticString, _ failed: StaticString, _ hop: borrowing Hop<LoggingElement>, _ below: borrowing Outcome
    ) {
        guard host.log.isEnabled(below.failed ? .error : .info) else { return }
        let took = hop.callSlot.elapsed(at: host.now)
        if let error = below.error {
            host.log.write(.error, failed, of: hop.ticket, CallFields.failing(hop, error) + took)
        } else {
            let fields = CallFields.passing(hop) + took + body(.connection, of: hop.message)
            host.log.write(.info, done, of: hop.ticket, fields)
        }
    }

    private func body(_ field: MessageField, of message: borrowing Message) -> [LogField] {
        config.bodies ? [LogField("body", message.json(field, limit: config.maxBytes))] : []
    }
}
