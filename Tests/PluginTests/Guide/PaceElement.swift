// SPDX-License-Identifier: Apache-2.0
// The second element of Docs/WRITING-AN-ELEMENT.md: config, state of a connection, a failure, a timer. The guide shows this
// file without these lines.

public import CatenaElement

public struct PaceConfig: ElementConfig {
    public var every = Duration.seconds(1)
    public var name = ""

    public init() {}
    public static let fields: [ConfigField<PaceConfig>] = [
        .optional("every", \.every, .duration, "shortest time between two Requests of a connection"),
        .required("name", \.name, .text, "what the error says"),
    ]
}

/// Lets a connection be refreshed only every so often.
public final class PaceElement: ChainElement, RequestHook {
    public struct Pause: Slot {
        var timer: SlotTimer?
        public init() {}
    }
    public typealias ConnectionSlot = Pause

    public static let descriptor = ElementDescriptor("pace", summary: "keeps refreshes apart")

    private let config: PaceConfig
    private let host: Host

    public init(config: PaceConfig, host: Host) {
        self.config = config
        self.host = host
    }

    public func request(_ hop: borrowing Hop<PaceElement>) -> Verdict {
        if hop.connectionSlot.timer != nil {
            host.log.write(.debug, "too soon", of: hop.ticket, [LogField("every", "\(config.every)")])
            return .fail(.resourceExhausted, "\(config.name): one Request every \(config.every)")
        }
        hop.connectionSlot.timer = hop.home?.after(config.every) { $0.timer = nil }
        return .next
    }
}
