// SPDX-License-Identifier: Apache-2.0
// Watches the connections of a client side and brings back those that were lost, by Requests that begin at the anchor: there they
// wait their turn, so that none meets a Request or Close of somebody else. What is to be done is decided by HealState.
public import CatenaElement

/// Brings back connections that were lost.
public final class HealElement: ChainElement, RequestHook, RequestReplyHook, CloseHook, CloseReplyHook, ConnectionDropHook {
    public typealias ConnectionSlot = Healing

    public static let descriptor = ElementDescriptor(
        "heal", summary: "brings back connections that were lost", traits: .needsAnchor)

    private let role: RoleRule
    private let rules: HealRules
    private let healer: Healer

    public init(config: HealConfig, host: Host) throws(ConfigProblem) {
        role = config.role
        rules = config.rules
        healer = Healer(host: host, places: PlaceLine(limit: config.parallel), checks: config.liveness.map(Checks.init))
    }

    // MARK: Requests

    public func request(_ hop: borrowing Hop<HealElement>) -> Verdict {
        guard let home = hop.home else { return .next }
        // As for most.
        if hop.connectionSlot.state?.isQuiet == true {
            hop.connectionSlot.state?.isAsked = true
            return .next
        }
        if hop.connectionSlot.state == nil { hop.connectionSlot.state = HealState(rules) }
        // One that nobody is waiting for any more is as good as somebody else's.
        let isOwn = hop.isEvent && hop.connectionSlot.state?.own?.isSettled == false
        if !isOwn { healer.change(&hop.connectionSlot, home) { state, _, actions in state.requestBegins(&actions) } }
        return .next
    }

    public func requestReply(_ hop: borrowing Hop<HealElement>, below: borrowing Outcome) -> Verdict {
        guard let home = hop.home else { return .next }
        if below.failed {
            healer.change(&hop.connectionSlot, home) { state, moment, actions in state.requestFailed(moment(), &actions) }
        } else if hop.connectionSlot.state?.isQuiet == true {
            hop.connectionSlot.state?.refreshed()
        } else {
            look(at: hop.message, &hop.connectionSlot)
            healer.change(&hop.connectionSlot, home) { state, moment, actions in state.requestSucceeded(moment(), &actions) }
        }
        return .next
    }

    /// Where we are in the path: who we are there, and whether others are before us.
    private func look(at message: borrowing Message, _ slot: inout Healing) {
        let index = message.pathIndex
        slot.mine = message.segment(at: index)
        slot.state?.role =
            switch role {
            case .client: .client
            case .forwarder: .forwarder
            case .auto: index == 0 ? .client : .forwarder
            }
    }

    // MARK: Closes

    public func close(_ hop: borrowing Hop<HealElement>) -> Verdict {
        // One for another endpoint may be our own, and ends nothing.
        guard hop.reason != .reselect, let home = hop.home else { return .next }
        healer.change(&hop.connectionSlot, home) { state, _, actions in state.closeBegins(&actions) }
        return .next
    }

    public func closeReply(_ hop: borrowing Hop<HealElement>, below: borrowing Outcome) -> Verdict {
        guard below.failed, let home = hop.home, below.error?.isRefusal == true else { return .next }
        healer.change(&hop.connectionSlot, home) { state, moment, actions in state.closeRefused(moment(), &actions) }
        return .next
    }

    public func connectionDropped(_ slot: consuming Healing, of connection: Connection, why: Reason) {
        var slot = slot
        healer.end(&slot, of: connection, isReplaced: why == .movedURL)
    }
}
