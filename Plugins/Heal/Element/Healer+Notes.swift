// SPDX-License-Identifier: Apache-2.0
// What an operator reads of a connection that was lost: one line when it happens, one for each attempt that failed, one for the end.
internal import CatenaElement

extension Healer {
    func say(_ note: HealNote, _ connection: Connection) {
        switch note {
        case .suspect(let sight):
            host.log.write(.info, "may be lost, and others look after it", [id(connection), LogField("nexthop", sight.rawValue)])
        case .heals(let cause, let reselects):
            host.log.write(
                .warning, "lost, and is healed", [id(connection), LogField("cause", cause.rawValue), LogField("reselect", "\(reselects)")])
        case .failed(let attempt, let pause):
            host.log.write(
                .info, "an attempt to heal failed",
                [id(connection), LogField("attempt", "\(attempt)"), LogField("next", "\(Duration.nanoseconds(Int64(clamping: pause)))")])
        case .isUp(let attempts):
            host.log.write(.info, "is up again", [id(connection), LogField("attempts", "\(attempts)")])
        case .givesUp(let attempts, let isExpired):
            host.log.write(
                .error, "is given up", [id(connection), LogField("attempts", "\(attempts)"), LogField("why", isExpired ? "path expired" : "maxAttempts")])
        }
    }
}
