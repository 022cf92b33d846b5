// SPDX-License-Identifier: Apache-2.0
// Which chain of a file a client URL leads to. A listener on all addresses is reached by every address of this machine, of
// which a file can only know those that mean the machine itself.

internal import CatenaConfig

/// The addresses at which the chains of one file are served.
struct ServedAddresses {
    private let listeners: [(url: EndpointURL, chain: String, number: Int)]
    private let names: Set<String>

    init(_ file: ChainsFile) {
        let served = file.chains.filter(\.isServed)
        names = Set(served.map(\.name))
        listeners = served.flatMap { chain in
            chain.listen.enumerated().map { ($1.url, chain.name, $0) }
        }
    }

    /// Where a URL leads; nil: out of this file.
    func target(_ url: EndpointURL) -> ChainGraph.Target? {
        if case .inproc(let chain) = url {
            return names.contains(chain) ? ChainGraph.Target(url: "\(url)", chain: chain, listener: nil) : nil
        }
        let found = listeners.first { $0.url == url } ?? listeners.first { ServedAddresses.reaches(url, $0.url) }
        return found.map { ChainGraph.Target(url: "\(url)", chain: $0.chain, listener: $0.number) }
    }

    /// Whether a client that dials `url` finds who listens at `listener`, though they are written differently.
    private static func reaches(_ url: EndpointURL, _ listener: EndpointURL) -> Bool {
        guard case .tcp(let host, let port) = url, case .tcp(let address, port) = listener, port != 0 else { return false }
        let isHere = host.hasPrefix("127.") || host == "::1" || host == "localhost"
        switch address {
        case "0.0.0.0": return isHere && host != "::1" || host == address
        case "::": return isHere || host == address
        case "127.0.0.1", "::1", "localhost": return host == "localhost" || address == "localhost" && isHere
        default: return false
        }
    }
}
