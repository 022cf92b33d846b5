// SPDX-License-Identifier: Apache-2.0
// The end of a chain that sees whether turns are kept: no two calls of an id at once, no Close of what is not open, nothing left open.
// Each of its answers comes later, from another thread.
internal import CatenaElement
internal import Foundation
internal import Synchronization

final class Detector: ChainElement, RequestHook, RequestReplyHook, CloseHook, CloseReplyHook {
    static let descriptor = ElementDescriptor("detector", summary: "sees whether turns are kept", traits: .needsAnchor)

    private static let queues = (0..<4).map { DispatchQueue(label: "detector-\($0)") }

    init(config: NoConfig, host: CatenaElement.Host) {}

    func request(_ hop: borrowing Hop<Detector>) -> Verdict {
        Seen.of(hop.message.networkService).enter(hop.message.id, isClose: false)
        return later(hop)
    }

    func requestReply(_ hop: borrowing Hop<Detector>, below: borrowing Outcome) -> Verdict {
        Seen.of(hop.message.networkService).leave(hop.message.id, isOpen: true)
        return .next
    }

    func close(_ hop: borrowing Hop<Detector>) -> Verdict {
        Seen.of(hop.message.networkService).enter(hop.message.id, isClose: true)
        return later(hop)
    }

    func closeReply(_ hop: borrowing Hop<Detector>, below: borrowing Outcome) -> Verdict {
        Seen.of(hop.message.networkService).leave(hop.message.id, isOpen: hop.reason == .reselect)
        return .next
    }

    private func later(_ hop: borrowing Hop<Detector>) -> Verdict {
        let ticket = hop.ticket
        Self.queues[Int.random(in: 0..<4)].async { ticket.resume(.next) }
        return .pending
    }
}

/// What detectors of one test have seen; the test is named by the service of its Requests.
final class Seen: Sendable {
    private struct State {
        var inside: Set<String> = []
        var open: Set<String> = []
        var requests = 0, closes = 0
        var broken: [String] = []
    }

    private let state = Mutex(State())
    private static let all = Mutex<[String: Seen]>([:])

    static func of(_ service: String) -> Seen {
        all.withLock { all in
            let seen = all[service] ?? Seen()
            all[service] = seen
            return seen
        }
    }

    func enter(_ id: String, isClose: Bool) {
        state.withLock { state in
            if !state.inside.insert(id).inserted { state.broken.append("two calls at once: \(id)") }
            if isClose, !state.open.contains(id) { state.broken.append("a Close of what is not open: \(id)") }
            if isClose { state.closes += 1 } else { state.requests += 1 }
        }
    }

    func leave(_ id: String, isOpen: Bool) {
        state.withLock { state in
            state.inside.remove(id)
            if isOpen { state.open.insert(id) } else { state.open.remove(id) }
        }
    }

    var requests: Int { state.withLock { $0.requests } }
    var closes: Int { state.withLock { $0.closes } }
    var open: Set<String> { state.withLock { $0.open } }
    var broken: [String] { state.withLock { $0.broken } }
}
