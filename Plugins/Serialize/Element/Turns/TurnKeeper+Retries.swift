// SPDX-License-Identifier: Apache-2.0
// The time of the retries: when the next Close comes, and when nobody has to send one any more.
internal import CatenaElement

extension TurnKeeper {
    /// A Close has failed. Keeps the connection, if another one is to be sent.
    func keep(_ hop: borrowing Hop<SerializeElement>, _ error: ElementError) -> Bool {
        let queue = hop.connectionSlot.queue
        let expiry = queue.isKept ? hop.connectionSlot.keptUntil : expiry(of: hop.message)
        guard queue.keepsAfterFailure(isExpired: expiry.map { $0 <= host.now }) else {
            host.log.write(.warning, "close failed for good", of: hop.ticket, [LogField("error", error.description)])
            return false
        }
        do throws(ElementError) {
            try host.anchor.keepAfterClose(hop, until: expiry)
        } catch {
            host.log.write(.warning, "close failed, and nothing is kept for another", of: hop.ticket, [LogField("error", error.text)])
            return false
        }
        hop.connectionSlot.keptUntil = expiry
        hop.connectionSlot.returned = nil
        let pause = Queue.pause(after: queue.failures + 1)
        host.log.write(
            .warning, "close failed, and will be tried again", of: hop.ticket,
            [LogField("error", error.description), LogField("failures", "\(queue.failures + 1)"), LogField("in", "\(pause)")])
        return true
    }

    /// When the next hop forgets the connection by itself, on the host's clock: our own segment says until when it is good, or the
    /// last of the others. nil: never.
    private func expiry(of message: borrowing Message) -> UInt64? {
        let own = message.withSegment(at: message.pathIndex) { $0.expires }.flatMap(\.self)
        let end = own ?? (0..<message.segmentCount).compactMap { message.withSegment(at: $0) { $0.expires }.flatMap(\.self) }.max()
        return end.map(host.now(atUnix:))
    }

    func retryLater(_ failures: Int, _ turns: inout Turns, _ connection: Connection?) {
        guard let connection else { return }
        let time = host.now &+ Queue.pause(after: failures).nanoseconds
        // Nothing is begun that the end of the path would meet on its way.
        if let end = turns.keptUntil, time &+ Self.margin >= end { return }
        turns.retry = home(of: connection).at(time) { [self] turns in
            let isOpen = isOpen(connection)
            turn(&turns, of: connection) { queue, actions in queue.retryIsDue(isOpen: isOpen, &actions) }
        }
    }

    /// Nanoseconds.
    private static var margin: UInt64 { 100_000_000 }

    func closeAgain(_ turns: inout Turns, _ connection: Connection?, _ more: inout Queue.Actions) {
        turns.retry = nil
        guard let connection else { return }
        do throws(ElementError) {
            try host.events.close(connection, why: .retry) { [self] _ in
                home(of: connection).post { [self] turns in retryReturned(&turns, connection) }
            }
        } catch {
            turns.queue.retryIsLost(isOpen: isOpen(connection), rules, &more)
        }
    }

    /// The turn that was kept for a retry is free, if it never came to the anchor.
    private func retryReturned(_ turns: inout Turns, _ connection: Connection) {
        let isOpen = isOpen(connection)
        turn(&turns, of: connection) { queue, actions in queue.retryIsLost(isOpen: isOpen, rules, &actions) }
    }
}
