// SPDX-License-Identifier: Apache-2.0
// How a client side ends: by a Close that is waited for, by one that nobody waits for, or half, where only another endpoint is to be
// chosen.
internal import CatenaElement

extension ConnectElement {
    func beginClose(_ call: ClientCall, _ side: ClientSide, _ message: borrowing Message) -> Verdict {
        if let end = side.end, end != .open {
            // The leg is kept for the Request that chooses another endpoint, however often that is tried.
            if call.why == .reselect { return .next }
            if end == .closed {
                forget(side, call.why)
                return .next
            }
        }
        do throws(ElementError) {
            if let refresh = side.refresh, let last = try side.copyOfLast() {
                return try close(last, on: refresh.leg, call, side)
            }
            guard !call.isKnown, !call.url.isEmpty, let connection = call.connection else { return .next }
            return try forward(call, connection, try message.copy(), side)
        } catch {
            return .fail(Self.closing(error))
        }
    }

    private func close(
        _ last: consuming OwnedMessage, on leg: Leg, _ call: ClientCall, _ side: ClientSide
    ) throws(ElementError) -> Verdict {
        let ticket = call.ticket, why = call.why
        let operation = try host.chains.close(last, on: leg, for: ticket, why: why) { [self] answer in
            closed(side, why, answer.error)
            ended(side, ticket, Self.end(answer))
        }
        side.begins(ticket, operation)
        return .pending
    }

    private func closed(_ side: ClientSide, _ why: Reason, _ error: ElementError?) {
        switch (why, error) {
        case (.reselect, _): if error?.isRefusal != true { side.closedForAnother(isKnown: error == nil) }
        // One that failed may come again; if not, the slot's end is the leg's.
        case (_, nil): forget(side, why)
        case (_, _?): break
        }
    }

    /// A Close of a connection that this host does not know, which the anchor has let pass: the next hop may know it.
    private func forward(
        _ call: ClientCall, _ connection: Connection, _ message: consuming OwnedMessage, _ side: ClientSide
    ) throws(ElementError) -> Verdict {
        let leg = try host.chains.open(for: connection, through: config.client, over: try transport(to: call.url))
        // It ends with its only call.
        defer { host.chains.drop(leg, why: call.why) }
        return try close(message, on: leg, call, side)
    }

    /// Closes at a next hop that nobody waits for: a failure is only logged.
    func close(_ connection: consuming OwnedMessage, on leg: Leg, why: Reason, _ text: StaticString, _ url: String) {
        let warn = { [log = host.log] (error: ElementError) in
            log.write(.warning, text, [LogField("url", url), LogField("error", "\(error)")])
        }
        do throws(ElementError) {
            _ = try host.chains.close(connection, on: leg, for: nil, why: why) { if let error = $0.error { warn(error) } }
        } catch {
            warn(error)
        }
    }

    func forget(_ side: ClientSide, _ why: Reason) {
        if let opened = side.replace(with: nil) { host.chains.drop(opened.refresh.leg, why: why) }
    }

    private static func end(_ answer: borrowing Answer) -> Resumption {
        answer.error.map { .fail(closing($0)) } ?? .next
    }

    private static func closing(_ error: ElementError) -> ElementError {
        ElementError(error.code, "errors during client close: \(error.text)", cause: error)
    }
}
