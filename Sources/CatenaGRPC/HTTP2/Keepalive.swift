// SPDX-License-Identifier: Apache-2.0
// Finds a peer that vanished without a word: a cable pulled, a machine gone. A connection only counts its reads, which costs nothing;
// one timer looks now and then whether there were any.
internal import NIOCore

/// Sends a PING after a time of silence and gives up when silence goes on. On one loop only; ``stop()`` must be called in the end.
final class Keepalive {
    /// The owner counts each read here.
    var reads: UInt64 = 0

    private let eventLoop: any EventLoop
    private let configuration: GRPCKeepalive
    private let isWanted: () -> Bool
    private let ping: () -> Void
    private let giveUp: () -> Void
    private var seen: UInt64 = 0
    private var isWaiting = false
    private var timer: Scheduled<Void>?

    /// - Parameters:
    ///   - isWanted: whether a vanished peer would matter now.
    ///   - ping: sends the PING; its answer is a read like any other.
    init(
        on eventLoop: any EventLoop, _ configuration: GRPCKeepalive, isWanted: @escaping () -> Bool, ping: @escaping () -> Void,
        giveUp: @escaping () -> Void
    ) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.isWanted = isWanted
        self.ping = ping
        self.giveUp = giveUp
    }

    func start() { look(in: configuration.time) }

    /// The PING was answered: the next silence has the whole time again.
    func answered() {
        guard isWaiting else { return }
        timer?.cancel()
        isWaiting = false
        seen = reads
        look(in: configuration.time)
    }

    func stop() {
        timer?.cancel()
        timer = nil
    }

    private func look(in delay: TimeAmount) {
        timer = eventLoop.assumeIsolated().scheduleTask(in: delay) { self.look() }
    }

    private func look() {
        let isSilent = reads == seen
        seen = reads
        if isSilent, isWaiting { return giveUp() }
        isWaiting = isSilent && isWanted()
        if isWaiting { ping() }
        look(in: isWaiting ? configuration.timeout : configuration.time)
    }
}
