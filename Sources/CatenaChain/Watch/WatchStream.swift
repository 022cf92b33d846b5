// SPDX-License-Identifier: Apache-2.0
// One stream of one next hop, kept up and shared out. A watcher hears what concerns it, that the way was lost, and, when it is
// there again, how its connection stands: so one look at the next hop serves all who wait for it.

internal import CatenaABI

/// A stream about one subject, and who listens to it. Belongs to the loop of its home; `add` and `remove` may be called from any.
final class WatchStream: @unchecked Sendable {  // the sentence above
    /// From one attempt to the next, at least.
    static let pause: UInt64 = 250_000_000
    /// How long the next hop may say nothing of a connection that it has said yes to.
    static let patience: UInt64 = 1_000_000_000

    let subject: WatchSubject
    let home: Home
    private let transport: any Transport
    private let owner: WatchStreams

    private var phase = Phase.idle
    private var connections = HeardConnections()
    private var watchCount = 0
    /// The subject, or its presence while the next hop cannot tell of it.
    private var asked: WatchSubject
    private var ear: Ear?
    private var call: (any TransportCall)?
    private var askedAt: UInt64 = 0
    private let retry = Alarm()
    private let confirmation = Alarm()

    private enum Phase {
        /// Nobody listens.
        case idle
        case asking
        /// The next hop has told all there is, and goes on telling.
        case there
        /// Until the next attempt.
        case lost
        /// The next hop has no way to say anything, or not to all at once: each watch has a stream of its own.
        case mute, split
    }

    init(_ subject: WatchSubject, over transport: any Transport, at home: Home, of owner: WatchStreams) {
        self.subject = subject
        self.transport = transport
        self.home = home
        self.owner = owner
        asked = subject
        retry.work = { [unowned self] in ask() }
        confirmation.work = { [unowned self] in tellUnconfirmed() }
    }

    // MARK: Who listens

    func add(_ watch: Watch) { onHome { $0.begin(watch) } }
    func remove(_ watch: Watch) { onHome { $0.end(watch) } }

    private func onHome(_ body: @escaping @Sendable (WatchStream) -> Void) {
        if home.loop.isCurrent { body(self) } else { home.post { body(self) } }
    }

    private func begin(_ watch: Watch) {
        watchCount += 1
        let known = connections.add(watch)
        switch phase {
        case .idle: ask()
        case .there:
            guard case .connections = asked else {
                if let known { home.ready { watch.tell(known) } }
                return
            }
            if let known { home.ready { watch.tell(known) } } else { expect(watch.key) }
        case .split: own(watch).add(watch)
        case .asking, .lost, .mute: break
        }
    }

    private func end(_ watch: Watch) {
        guard connections.remove(watch) else { return }
        watchCount -= 1
        if phase == .split { own(watch).remove(watch) }
        if watchCount == 0 { rest() }
    }

    /// The stream of one connection alone.
    private func own(_ watch: Watch) -> WatchStream {
        guard case .connections(let segment, nil) = subject else { return self }
        return owner.stream(for: .connections(segment: segment, id: watch.key), at: home)
    }

    private func rest() {
        stopAsking()
        home.disarm(retry)
        home.disarm(confirmation)
        connections = HeardConnections()
        asked = subject
        phase = .idle
        owner.forget(self)
    }

    private func stopAsking() {
        ear = nil
        call?.cancel()
        call = nil
    }

    // MARK: The stream

    private func ask() {
        let ear = Ear(self)
        self.ear = ear
        phase = .asking
        askedAt = home.loop.now()
        call = transport.watch(asked, home: home, listener: ear)
        if call == nil {
            self.ear = nil
            phase = .mute
            tellMissingHealth()
        }
    }

    fileprivate func heard(_ news: WatchNews, by ear: Ear) {
        guard ear === self.ear else { return }
        switch news {
        case .snapshot: connections.beginSnapshot()
        case .connection(let message):
            let isDown = home.engine.messages.pointee.number(message, CATENA_F_STATE) == 1
            report(isDown ? CATENA_SIGHT_DOWN : CATENA_SIGHT_UP, message)
        case .deleted(let message): report(CATENA_SIGHT_DELETED, message)
        case .health(let isServing):
            phase = .there
            let sight = isServing ? CATENA_SIGHT_UP : CATENA_SIGHT_DOWN
            for watch in connections.report("", sight) { watch.tell(sight) }
        case .complete: complete()
        }
    }

    private func report(_ sight: catena_sight, _ message: OpaquePointer) {
        guard case .connections(let segment, _) = subject else { return }
        for id in home.engine.messages.pointee.ids(of: segment, in: message) {
            for watch in connections.report(id, sight) { watch.tell(sight, message) }
        }
    }

    private func complete() {
        phase = .there
        let isTold = asked == subject
        for key in connections.endSnapshot(isEverything: isTold) {
            let lost = connections.takeLost(key)
            for watch in lost { watch.tell(CATENA_SIGHT_MISSING) }
            if lost.isEmpty, isTold { expect(key) }
        }
    }

    fileprivate func ended(_ failure: TransportFailure, by ear: Ear) {
        guard ear === self.ear else { return }
        (self.ear, call) = (nil, nil)
        if asked == .presence { return lose(failure) }
        switch WatchRefusal(failure) {
        case .all where subject.isWildcard:
            phase = .split
            for watch in connections.watches { own(watch).add(watch) }
        case .all, .never:
            // It is there, so it is judged by whether it stays there.
            asked = .presence
            ask()
            tellMissingHealth()
        case nil: lose(failure)
        }
    }

    private func lose(_ failure: TransportFailure) {
        phase = .lost
        asked = subject
        home.disarm(confirmation)
        let error = CallError(failure.code, failure.text, isIndefinite: failure.isIndefinite)
        for watch in connections.lose() { watch.tell(CATENA_SIGHT_LOST, nil, error) }
        // Those who were told may all have gone.
        if phase == .lost { home.arm(retry, at: max(home.loop.now(), askedAt &+ Self.pause)) }
    }

    /// Of connections that cannot be reported nothing is known; that a health cannot be asked for is known.
    private func tellMissingHealth() {
        guard case .health = subject else { return }
        _ = connections.takeLost("")
        for watch in connections.watches { watch.tell(CATENA_SIGHT_MISSING) }
    }

    // MARK: Connections that the next hop has said nothing of

    private func expect(_ key: String) {
        guard connections.expect(key, until: home.loop.now() &+ Self.patience), !confirmation.isArmed else { return }
        if let next = connections.nextExpected { home.arm(confirmation, at: next) }
    }

    private func tellUnconfirmed() {
        for watch in connections.takeUnconfirmed(at: home.loop.now()) { watch.tell(CATENA_SIGHT_MISSING) }
        if let next = connections.nextExpected { home.arm(confirmation, at: next) }
    }
}

/// A time at which a stream has something to do.
private final class Alarm: TimerNode {
    var work: () -> Void = {}
    override func fire() { work() }
}

/// Hears one attempt, so that the end of one is not taken for the end of the next.
private final class Ear: WatchListener {
    private let stream: WatchStream
    init(_ stream: WatchStream) { self.stream = stream }
    func heard(_ news: WatchNews) { stream.heard(news, by: self) }
    func ended(_ failure: TransportFailure) { stream.ended(failure, by: self) }
}
