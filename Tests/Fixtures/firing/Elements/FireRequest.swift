// SPDX-License-Identifier: Apache-2.0
// An element that fires: each Request that passes is followed by a second one of its own, which begins just after it, in a turn that it
// has waited for.
public import CatenaElement

/// Sends each Request once more, from itself on.
public final class FireRequest: ChainElement, RequestHook {
    public static let descriptor = ElementDescriptor(
        "fire-request", summary: "sends each Request once more, from itself on", traits: .needsAnchor, values: [.consumes(.executor)])

    private let config: FiringConfig
    private let host: Host
    private let place: LinkedValue<ExecutorValue>

    public init(config: FiringConfig, host: Host) throws(ConfigProblem) {
        self.config = config
        self.host = host
        place = try host.linked(.executor)
    }

    public func request(_ hop: borrowing Hop<FireRequest>) -> Verdict {
        guard let executor = hop.executor(place) else { return .fail(.internal, "a Request without an executor") }
        do throws(ElementError) {
            let message = StoredMessage(try hop.message.copy()), events = host.events
            config.fire {
                executor.exec { job in
                    do throws(ElementError) {
                        try events.requestBelow(executor.connection, with: try message.copy()) { _ in job.finish() }
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
