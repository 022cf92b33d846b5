// SPDX-License-Identifier: Apache-2.0
// Tells the elements below where the client side goes. A context value does that, so that `connect` need not know who
// chose the next hop.
public import CatenaElement

/// Writes one fixed client URL, over whatever an element above wrote.
public final class ClientURLElement: ChainElement, RequestHook, CloseHook {
    public static let descriptor = ElementDescriptor(
        "clienturl", summary: "sets where the client side goes", values: [.provides(.clientURL, kept: true)])

    private let url: ClientURL
    private let place: LinkedValue<ClientURL>

    public init(config: ClientURLConfig, host: Host) throws(ConfigProblem) {
        url = config.url
        place = try host.linked(.clientURL)
    }

    public func request(_ hop: borrowing Hop<ClientURLElement>) -> Verdict {
        hop[place] = url
        return .next
    }

    public func close(_ hop: borrowing Hop<ClientURLElement>) -> Verdict {
        hop[place] = url
        return .next
    }
}
