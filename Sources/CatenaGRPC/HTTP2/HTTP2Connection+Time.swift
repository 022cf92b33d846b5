// SPDX-License-Identifier: Apache-2.0
// The clocks of a connection: a peer that vanished, and one that begins something and does not get on with it.
internal import NIOCore

extension HTTP2Connection {
    private static let restAfter = TimeAmount.seconds(10)

    func startKeepalive() {
        guard let configuration = limits.keepalive else { return }
        let keepalive = Keepalive(
            on: eventLoop, configuration, isWanted: { [session] in configuration.withoutCalls || session.streamCount > 0 },
            ping: {
                self.session.submitPing(.keepalive)
                self.setNeedsFlush()
            },
            giveUp: { self.close(reason: "no sign of life for \(describe(configuration.timeout)) after a keepalive PING") })
        keepalive.start()
        self.keepalive = keepalive
    }

    /// The peer has begun something that it should end soon: the handshake, or a header block.
    func watchBegin() {
        guard slowBegin == nil, let limit = limits.slowBegin else { return }
        let block = session.openHeaderBlock
        slowBegin = eventLoop.assumeIsolated().scheduleTask(in: limit) { [self] in
            guard !isClosing else { return }
            slowBegin = nil
            if !session.hasPeerSettings { return close(reason: "no HTTP/2 preface within \(describe(limit))") }
            guard session.openHeaderBlock != 0 else { return }
            // Another block than at the start of the watch has its own time.
            guard session.openHeaderBlock == block else { return watchBegin() }
            session.terminate(.enhanceYourCalm, "header_block_too_slow")
            limitFarewell()
            flush()
        }
    }

    /// What a burst of calls has left does not stay for ever; a connection that goes on like that takes it anew, at next to no cost.
    func scheduleRest() {
        rest = eventLoop.assumeIsolated().scheduleTask(in: Self.restAfter) { [self] in
            rest = nil
            session.memory.giveBack()
        }
    }

    func stopTimers() {
        rest?.cancel()
        rest = nil
        keepalive?.stop()
        keepalive = nil
        slowBegin?.cancel()
        slowBegin = nil
        farewell?.cancel()
        farewell = nil
    }
}
