// SPDX-License-Identifier: Apache-2.0
// An element that only listens to the next hop. It stands in a client chain, where it hears of one leg, or above connect, where it
// hears of whichever leg is open; what it hears it logs.
internal import CatenaElement
internal import CatenaElementTesting

final class Watcher: ChainElement, RequestReplyHook {
    typealias ConnectionSlot = Eyes

    static let descriptor = ElementDescriptor("watcher", summary: "logs what the next hop says", traits: .needsAnchor)

    private let host: Host

    init(config: NoConfig, host: Host) { self.host = host }

    func requestReply(_ hop: borrowing Hop<Watcher>, below: borrowing Outcome) -> Verdict {
        guard !below.failed, hop.connectionSlot.watch == nil, let home = hop.home else { return .next }
        let id = hop.message.id
        hop.connectionSlot.watch = try? home.watchConnection(as: PathSegment(name: "fwd", id: id)) { [host] _, sighting in
            let state = sighting.withConnection { "\($0.state)" } ?? "-"
            host.log.write(
                .info, "heard",
                [LogField("id", id), LogField("sight", "\(sighting.sight)"), LogField("state", state), LogField("error", sighting.error?.text ?? "")])
        }
        return .next
    }
}

struct Eyes: Slot {
    var watch: NextHopWatch?
    init() {}
}

extension ChainBench {
    /// What watchers have heard, as "id sight" in order.
    var heard: [String] { logLines.filter { $0.text == "heard" }.map { "\($0.fields["id"] ?? "") \($0.fields["sight"] ?? "")" } }
    /// The fields of what was heard last.
    var lastHeard: [String: String] { logLines.last { $0.text == "heard" }?.fields ?? [:] }

    /// A Request of a connection whose path is known at the next hop.
    @discardableResult
    func requestThroughForwarder(_ id: String) -> BenchCall {
        request(TestMessage(id: id, service: "icmp", path: [.init(name: "client", id: "c-\(id)"), .init(name: "fwd", id: id)], index: 1))
    }
}
