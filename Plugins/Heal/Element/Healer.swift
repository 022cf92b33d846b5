// SPDX-License-Identifier: Apache-2.0
// Carries out what a connection's machine decides, and tells it what comes of it. It keeps nothing for a connection: hooks, timers,
// watches and completions lend it the slot.
internal import CatenaElement

/// What all connections of an element have in common.
final class Healer: Sendable {
    typealias Home = CatenaElement.Home<HealElement>

    let host: Host
    let places: PlaceLine
    /// nil: nothing is checked.
    let checks: Checks?

    init(host: Host, places: PlaceLine, checks: Checks?) {
        self.host = host
        self.places = places
        self.checks = checks
    }

    /// Lets the machine of a connection decide, and carries it out. On the connection's loop.
    func change(
        _ slot: inout Healing, _ home: Home, _ decide: (inout HealState, () -> HealMoment, inout HealState.Actions) -> Void
    ) {
        guard var state = slot.state else { return }
        var actions: HealState.Actions = []
        decide(&state, { moment(of: home.connection) }, &actions)
        slot.state = state
        var index = 0
        while index < actions.count {
            perform(actions[index], &slot, home, &actions)
            index += 1
        }
    }

    /// The slot goes.
    func end(_ slot: inout Healing, of connection: Connection, isReplaced: Bool) {
        var actions: HealState.Actions = []
        slot.state?.end(isReplaced: isReplaced, &actions)
        for action in actions {
            switch action {
            case .leavePlace: leavePlace(&slot)
            case .stopChecking: stopChecking(&slot)
            case .note(let note): say(note, connection)
            default: break  // Timer and watch go with the slot.
            }
        }
    }

    private func moment(of connection: Connection) -> HealMoment {
        let until = host.connections.withLast(of: connection) { message in
            (0..<min(message.pathIndex, message.segmentCount))
                .compactMap { message.withSegment(at: $0) { $0.expires }.flatMap(\.self) }.min()
        }
        return HealMoment(
            now: host.now, until: until.flatMap(\.self).map(host.now(atUnix:)), chance: .random(in: .min ... .max))
    }

    private func perform(_ action: HealAction, _ slot: inout Healing, _ home: Home, _ more: inout HealState.Actions) {
        switch action {
        case .request(let reselects): request(reselects, &slot, home, &more)
        case .withdraw: slot.request.map(host.connections.cancel)
        case .wait(let span): wait(span, &slot, home)
        case .stopWaiting: slot.timer?.cancel()
        case .askForPlace: askForPlace(&slot, home)
        case .leavePlace: leavePlace(&slot)
        case .watch: watch(&slot, home)
        case .stopWatching: slot.watch = nil
        case .check: checkLater(&slot, home)
        case .stopChecking: stopChecking(&slot)
        case .retireTransport: if let leg = home.leg { host.chains.retireTransport(of: leg) }
        case .note(let note): say(note, home.connection)
        }
    }

    // MARK: Requests

    private func request(_ reselects: Bool, _ slot: inout Healing, _ home: Home, _ more: inout HealState.Actions) {
        do throws(ElementError) {
            let message = reselects ? try anotherEndpoint(for: home.connection) : nil
            slot.request = try host.events.request(home.connection, with: message) { [self] answer in
                let error = answer.error
                if let error { host.log.write(.debug, "a request did not heal", [id(home.connection), LogField("error", "\(error)")]) }
                let end = error.map { HealEnd.failed(isUnanswered: $0.isIndefinite) } ?? .succeeded
                home.post { [self] slot in
                    slot.request = nil
                    change(&slot, home) { state, moment, actions in state.ownEnded(end, moment(), &actions) }
                }
            }
        } catch {
            // The connection has ended, or there is no memory. The slot's end is near, or the next attempt.
            slot.state?.ownEnded(.failed(isUnanswered: false), moment(of: home.connection), &more)
        }
    }

    /// The last good message, as the anchor knows a Request for another endpoint by.
    private func anotherEndpoint(for connection: Connection) throws(ElementError) -> OwnedMessage {
        let copy = try host.connections.withLast(of: connection) { last throws(ElementError) in StoredMessage(try last.copy()) }
        guard let message = try copy?.copy() else { throw ElementError(.aborted, "the connection has ended") }
        message.message.endpoint = ""
        message.message.state = .reselectRequested
        try message.message.remove(.mechanism)
        return message
    }

    // MARK: Time and turns

    private func wait(_ span: UInt64, _ slot: inout Healing, _ home: Home) {
        let time = host.now &+ min(span, .max - host.now)
        if let timer = slot.timer { return timer.restart(at: time) }
        slot.timer = home.at(time) { [self] slot in
            change(&slot, home) { state, moment, actions in state.timeIsUp(moment(), &actions) }
        }
    }

    private func askForPlace(_ slot: inout Healing, _ home: Home) {
        slot.place = places.ask { [self] place in
            home.post { [self] slot in
                // One that was left meanwhile has gone to somebody else.
                guard slot.place == place else { return }
                change(&slot, home) { state, moment, actions in state.placeIsFree(moment(), &actions) }
            }
        }
    }

    private func leavePlace(_ slot: inout Healing) {
        if let place = slot.place.take() { places.leave(place) }
    }

    // MARK: News

    private func watch(_ slot: inout Healing, _ home: Home) {
        guard let mine = slot.mine else {
            return host.log.write(.warning, "not watched: the path has no segment of this host", [id(home.connection)])
        }
        do throws(ElementError) {
            slot.watch = try home.watchConnection(as: mine) { [self] slot, sighting in
                guard let sight = HealSight(sighting.sight) else { return }
                change(&slot, home) { state, moment, actions in state.sees(sight, moment(), &actions) }
            }
        } catch {
            host.log.write(.debug, "not watched", [id(home.connection), LogField("error", "\(error)")])
        }
    }

    /// Checks the connection in a while, and goes on with that until it is stopped.
    private func checkLater(_ slot: inout Healing, _ home: Home) {
        guard let checks else { return }
        if let timer = slot.checkTimer { return timer.restart(after: checks.interval) }
        slot.checkTimer = home.after(checks.interval) { [self] slot in check(checks, &slot, home) }
    }

    private func check(_ checks: Checks, _ slot: inout Healing, _ home: Home) {
        // While nothing is known of the connection, as below an anchor that waits, there is nothing to say of it.
        let known = host.connections.withLast(of: home.connection) { $0.json(.connection, limit: Checks.limit) }
        guard let known else { return checkLater(&slot, home) }
        slot.checkNumber += 1
        let number = slot.checkNumber
        slot.check = checks.begin(known) { [self] isAlive in
            home.post { [self] slot in
                // The answer of one that was ended may be on its way.
                guard slot.check != nil, slot.checkNumber == number else { return }
                slot.check = nil
                change(&slot, home) { state, moment, actions in state.checked(isAlive: isAlive, moment(), &actions) }
                if slot.checkTimer != nil { checkLater(&slot, home) }
            }
        }
    }

    private func stopChecking(_ slot: inout Healing) {
        slot.check?.cancel()
        slot.check = nil
        slot.checkTimer = nil
    }

    func id(_ connection: Connection) -> LogField { LogField("connection", host.connections.id(of: connection) ?? "") }
}

extension HealSight {
    /// nil: one that is not known here.
    init?(_ sight: NextHopSight) {
        switch sight {
        case .up: self = .up
        case .down: self = .down
        case .deleted: self = .deleted
        case .lost: self = .lost
        case .missing: self = .missing
        default: return nil
        }
    }
}
