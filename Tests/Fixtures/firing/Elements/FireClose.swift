// SPDX-License-Identifier: Apache-2.0
// An element that fires: when a Request has succeeded it closes what is below it, in a turn that it has waited for, and ends the
// connection.
public import CatenaElement

/// Closes each connection again, from itself on, and cancels it.
public final class FireClose: ChainElement, RequestReplyHook {
    public static let descriptor = ElementDescriptor(
        "fire-close", summary: "closes each connection again, from itself on", traits: .needsAnchor, values: [.consumes(.executor)])

    private let config: FiringConfig
    private let host: Host
    private let place: LinkedValue<ExecutorValue>

    public init(config: FiringConfig, host: Host) throws(ConfigProblem) {
        self.config = config
        self.host = host
        place = try host.linked(.executor)
    }

    public func requestReply(_ hop: borrowing Hop<FireClose>, below: borrowing Outcome) -> Verdict {
        guard !below.failed else { return .next }
        guard let executor = hop.executor(place) else { return .fail(.internal, "a Request without an executor") }
        do throws(ElementError) {
            let message = StoredMessage(try hop.message.copy()), events = host.events
            config.fire {
                executor.exec { job in
                    do throws(ElementError) {
                        try events.closeBelow(executor.connection, with: try message.copy()) { _ in
                            // Ended already is as good.
                            try? executor.cancel()
                            job.finish()
                        }
                    } catch {
                        job.finish()
                    }
                }
            }
            return .next
        } catch {
            return .fail(error)
        }
    }
}
