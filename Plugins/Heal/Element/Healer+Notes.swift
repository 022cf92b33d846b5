// SPDX-License-Identifier: Apache-2.0
// What an operator reads of a connection that was lost: a line when it is healed and one for the end. What happens in between, and to
// connections that others heal, is for who looks for it: a next hop that goes away may have thousands.
internal import CatenaElement

extension Healer {
    func say(_ note: HealNote, _ connection: Connection) {
        switch note {
        case .suspect(let sight):
            host.log.write(.debug, "may be lost, and others look after it", [id(connection), LogField("nexthop", sight.rawValue)])
        case .heals(let cause, let reselects):
            host.log.write(
                .info, "lost, and is healed", [id(connection), LogField("cause", cause.rawValue), LogField("reselect", "\(reselects)")])
        case .failed(let attempt, let pause):
            host.log.write(
                .debug, "an attempt to heal failed",
                [id(connection), LogField("attempt", "\(attempt)"), LogField("next", "\(Duration.nanoseconds(Int64(clamping: pause)))")])
        case .isUp(let attempts):
            // One that nothing was done for was not told of.
            host.log.write(attempts > 0 ? .info : .debug, "is up again", [id(connection), LogField("attempts", "\(attempts)")])
        case .givesUp(let attempts, let isExpired):
            host.log.write(
                .warning, "is given up", [id(connection), LogField("attempts", "\(attempts)"), LogField("why", isExpired ? "path expired" : "maxAttempts")])
        }
    }
}
