// SPDX-License-Identifier: Apache-2.0
// The anchor's part of a chain, as small as it can be, for authors who test an element that stands below one. It has no bound
// and no config; a test of what `serialize` promises uses `serialize`. Its executor is in TestJobs.swift.
internal import CatenaElement

final class TestAnchor: ChainElement, RequestHook, RequestReplyHook, CloseHook, CloseReplyHook, CancelHook, ConnectionDropHook {
    enum Turn {
        case request(Ticket)
        case close(Ticket)
        case job(TestJobs.Waiting)
    }

    struct Queue: Slot {
        var isBusy = false
        var waiting: [Turn] = []
    }

    typealias ConnectionSlot = Queue

    static let descriptor = ElementDescriptor(
        "test-anchor", summary: "one call of a connection at a time", traits: .anchor, values: [.provides(.executor, kept: true)])
    private let host: Host
    private let place: LinkedValue<ExecutorValue>
    private let jobs: TestJobs
    private let provided: ProvidedExecutor

    init(config: NoConfig, host: Host) throws(ConfigProblem) {
        self.host = host
        place = try host.linked(.executor)
        jobs = TestJobs(host)
        provided = ProvidedExecutor(jobs, host: host)
        jobs.serve(provided)
    }

    func request(_ hop: borrowing Hop<TestAnchor>) -> Verdict {
        hop[place] = provided.value
        return enter(hop, .request(hop.ticket))
    }

    func requestReply(_ hop: borrowing Hop<TestAnchor>, below: borrowing Outcome) -> Verdict {
        jobs.pass(&hop.connectionSlot, isOpen: !below.failed || isOpen(hop.connection))
        return .next
    }

    func close(_ hop: borrowing Hop<TestAnchor>) -> Verdict {
        if !hop.connectionSlot.isBusy, !hop.isKnown { return .done }
        return enter(hop, .close(hop.ticket))
    }

    func closeReply(_ hop: borrowing Hop<TestAnchor>, below: borrowing Outcome) -> Verdict {
        jobs.pass(&hop.connectionSlot, isOpen: hop.reason == .reselect || below.error?.isRefusal ?? false)
        return .next
    }

    func cancel(_ hop: borrowing Hop<TestAnchor>) {
        let ticket = hop.ticket
        let index = hop.connectionSlot.waiting.firstIndex { if case .request(ticket) = $0 { true } else { false } }
        guard let index else { return }
        hop.connectionSlot.waiting.remove(at: index)
        ticket.resume(.fail(.cancelled, "the caller left the queue"))
    }

    func connectionDropped(_ slot: consuming Queue, of connection: Connection, why: Reason) {
        for case .job(let job) in slot.waiting { job.refuse() }
    }

    private func enter(_ hop: borrowing Hop<TestAnchor>, _ turn: Turn) -> Verdict {
        guard hop.connectionSlot.isBusy else {
            hop.connectionSlot.isBusy = true
            return .next
        }
        hop.connectionSlot.waiting.append(turn)
        return .pending
    }

    private func isOpen(_ connection: Connection?) -> Bool { connection.map(host.connections.isEstablished) ?? false }
}
