// SPDX-License-Identifier: Apache-2.0
// What happens to a Request between its turn and its descent: on the client side the caller's wishes are merged into what the
// connection has become, and a Request for another endpoint first closes what it replaces.
internal import CatenaElement

extension TurnKeeper {
    /// A Request that has waited has the turn.
    /// - Returns: false: it is not there any more.
    func begins(_ call: Ticket, _ turns: inout Turns, _ connection: Connection?, _ last: Lender) -> Bool {
        let goesOn = call.withMessage { prepare($0, call, &turns, connection, last) }
        guard let goesOn else { return false }
        return goesOn ? call.resume(.next) : true
    }

    /// Makes a Request ready for its descent.
    /// - Returns: false: it goes on later.
    func prepare(
        _ message: borrowing Message, _ call: Ticket, _ turns: inout Turns, _ connection: Connection?, _ last: Lender
    ) -> Bool {
        guard turns.queue.isRefresh else {
            turns.returned = nil
            return true
        }
        guard side != .inert else { return true }
        let wantsAnother = message.state == .reselectRequested
        if side == .client, let returned = turns.returned {
            _ = last { merge(message, returned, $0) }
            if wantsAnother { askForAnother(message) }
        }
        guard wantsAnother, let connection else { return true }
        return !reselect(call, &turns, connection, last)
    }

    // MARK: Client side

    private func merge(_ requested: borrowing Message, _ returned: KeptMessage, _ current: borrowing Message) {
        do throws(ElementError) {
            try ClientMerge.merge(into: requested, returned: returned.owned.message, current: current)
        } catch {
            host.log.write(.warning, "request goes on as its caller sent it", [LogField("error", error.text)])
        }
    }

    /// What the connection has become says how it attaches where it is now, and that it is up.
    private func askForAnother(_ message: borrowing Message) {
        message.state = .reselectRequested
        do throws(ElementError) {
            try message.remove(.mechanism)
        } catch {
            host.log.write(.warning, "request for another endpoint goes on with its mechanism", [LogField("error", error.text)])
        }
    }

    /// What the caller is told now, it will go by.
    func remember(_ message: borrowing Message, _ turns: inout Turns) {
        do throws(ElementError) {
            turns.returned = try KeptMessage(message)
        } catch {
            host.log.write(.warning, "what the caller was told is not kept", [LogField("error", error.text)])
        }
    }

    // MARK: Another endpoint

    /// Begins the Close of what the Request replaces.
    /// - Returns: false: there is nothing to close.
    private func reselect(_ call: Ticket, _ turns: inout Turns, _ connection: Connection, _ last: Lender) -> Bool {
        var begun = false
        _ = last { last in
            do throws(ElementError) {
                try host.events.closeBelow(connection, with: last.copy(), why: .reselect) { [self] answer in
                    if let error = answer.error {
                        host.log.write(.warning, "close for another endpoint failed", [LogField("error", error.description)])
                    }
                    home(of: connection).post { [self] turns in closedForAnother(&turns, connection) }
                }
                begun = true
            } catch {
                host.log.write(.warning, "no close for another endpoint", of: call, [LogField("error", error.text)])
            }
        }
        if begun { turns.reselection = Reselection(call: call) }
        return begun
    }

    private func closedForAnother(_ turns: inout Turns, _ connection: Connection) {
        guard let reselection = turns.reselection.take() else { return }
        if let call = reselection.call, call.resume(.next) { return }
        if let message = reselection.message, send(message, connection) { return }
        let isOpen = isOpen(connection)
        turn(&turns, of: connection) { queue, actions in queue.runnerIsGone(isOpen: isOpen, rules, &actions) }
    }

    /// The caller has left, and the old endpoint is closed: the new one is asked for all the same, so that the connection is
    /// whole when the caller comes back.
    private func send(_ message: KeptMessage, _ connection: Connection) -> Bool {
        do throws(ElementError) {
            try host.events.requestBelow(connection, with: message.owned.message.copy()) { [self] answer in
                let end = try? answer.withMessage { message throws(ElementError) in try KeptMessage(message) }
                let failure = answer.error
                home(of: connection).post { [self] turns in sent(&turns, connection, end, failure) }
            }
            return true
        } catch {
            host.log.write(.warning, "no request for another endpoint", [LogField("error", error.text)])
            return false
        }
    }

    private func sent(_ turns: inout Turns, _ connection: Connection, _ end: KeptMessage?, _ failure: ElementError?) {
        let isOpen = isOpen(connection)
        turn(
            &turns, of: connection,
            result: { message in
                guard let end else { return .fail(failure ?? ElementError(.internal, "no answer")) }
                try? message.take(.connection, from: end.owned.message)
                return .done
            }, last: { lendKept(connection, $0) },
            { queue, actions in queue.requestEnded(isOpen: isOpen, rules, &actions) })
    }

    /// The caller of a Request that waits for that Close has left.
    /// - Returns: false: this call is not one.
    func leaveReselection(_ call: Ticket, _ message: borrowing Message, _ turns: inout Turns) -> Bool {
        guard turns.reselection?.call == call else { return false }
        turns.reselection?.call = nil
        turns.reselection?.message = try? KeptMessage(message)
        return true
    }
}
