// SPDX-License-Identifier: Apache-2.0
// Listens to the health of the next hop (the gRPC health protocol) and declares its transport dead when that is gone. What becomes of
// the connections is the business of others: connect gives a leg another transport with the next Request.
public import CatenaElement

/// Retires the transport of a next hop that was well and is not any more.
public final class HealthCheckElement: ChainElement, RequestReplyHook {
    public typealias ConnectionSlot = HealthWatch

    public static let descriptor = ElementDescriptor(
        "healthcheck", summary: "retires the transport of a next hop that is not well", traits: .needsAnchor)

    private let service: String
    private let host: Host

    public init(config: HealthCheckConfig, host: Host) throws(ConfigProblem) {
        service = config.service
        self.host = host
    }

    public func requestReply(_ hop: borrowing Hop<HealthCheckElement>, below: borrowing Outcome) -> Verdict {
        guard !below.failed, hop.connectionSlot.watch == nil, let home = hop.home, let leg = home.leg else { return .next }
        do throws(ElementError) {
            hop.connectionSlot.watch = try home.watchHealth(of: service) { [self] slot, sighting in
                hear(sighting.sight, sighting.error, of: leg, &slot)
            }
        } catch {
            host.log.write(.debug, "the next hop is not watched", of: hop.ticket, [LogField("error", "\(error)")])
        }
        return .next
    }

    /// One that was never well is not given up: another transport to it would be no better.
    private func hear(_ sight: NextHopSight, _ error: ElementError?, of leg: Leg, _ slot: inout HealthWatch) {
        if sight == .missing { host.log.write(.debug, "the next hop has no health service: it counts as well") }
        guard sight == .down || sight == .lost else { return slot.wasWell = sight == .up }
        guard slot.wasWell else { return }
        slot.wasWell = false
        // All connections of a transport hear of it; the first one retires it.
        guard host.chains.transportState(of: leg) != .retired else { return }
        host.chains.retireTransport(of: leg)
        host.log.write(
            .warning, "the next hop is not well: its transport is retired",
            [LogField("service", service), LogField("why", error?.text ?? "not serving")])
    }
}

/// What a connection knows of its next hop's health.
public struct HealthWatch: Slot {
    var watch: NextHopWatch?
    var wasWell = false

    /// Nothing.
    public init() {}
}
