// SPDX-License-Identifier: Apache-2.0
// The anchor's part of a chain, as small as it can be, for authors who test an element that stands below one. It has no bound
// and no config; a test of what `serialize` promises uses `serialize`.
internal import CatenaElement

final class TestAnchor: ChainElement, RequestHook, RequestReplyHook, CloseHook, CloseReplyHook, CancelHook {
    struct Turn: Equatable {
        let ticket: Ticket
        let isClose: Bool
    }

    struct Queue: Slot {
        var isBusy = false
        var waiting: [Turn] = []
    }

    typealias ConnectionSlot = Queue

    static let descriptor = ElementDescriptor("test-anchor", summary: "one call of a connection at a time", traits: .anchor)
    private let host: Host

    init(config: NoConfig, host: Host) { self.host = host }

    func request(_ hop: borrowing Hop<TestAnchor>) -> Verdict { enter(hop, isClose: false) }

    func requestReply(_ hop: borrowing Hop<TestAnchor>, below: borrowing Outcome) -> Verdict {
        pass(hop, isOpen: !below.failed || isOpen(hop.connection))
        return .next
    }

    func close(_ hop: borrowing Hop<TestAnchor>) -> Verdict {
        if !hop.connectionSlot.isBusy, !hop.isKnown { return .done }
        return enter(hop, isClose: true)
    }

    func closeReply(_ hop: borrowing Hop<TestAnchor>, below: borrowing Outcome) -> Verdict {
        pass(hop, isOpen: hop.reason == .reselect || below.error?.isRefusal ?? false)
        return .next
    }

    func cancel(_ hop: borrowing Hop<TestAnchor>) {
        let turn = Turn(ticket: hop.ticket, isClose: false)
        guard let index = hop.connectionSlot.waiting.firstIndex(of: turn) else { return }
        hop.connectionSlot.waiting.remove(at: index)
        turn.ticket.resume(.fail(.cancelled, "the caller left the queue"))
    }

    private func enter(_ hop: borrowing Hop<TestAnchor>, isClose: Bool) -> Verdict {
        guard hop.connectionSlot.isBusy else {
            hop.connectionSlot.isBusy = true
            return .next
        }
        hop.connectionSlot.waiting.append(Turn(ticket: hop.ticket, isClose: isClose))
        return .pending
    }

    private func pass(_ hop: borrowing Hop<TestAnchor>, isOpen: Bool) {
        hop.connectionSlot.isBusy = false
        while !hop.connectionSlot.waiting.isEmpty {
            let turn = hop.connectionSlot.waiting.removeFirst()
            if turn.isClose, !isOpen {
                turn.ticket.resume(.done)
            } else if turn.ticket.resume(.next) {
                hop.connectionSlot.isBusy = true
                return
            }
        }
    }

    private func isOpen(_ connection: Connection?) -> Bool { connection.map(host.connections.isEstablished) ?? false }
}
