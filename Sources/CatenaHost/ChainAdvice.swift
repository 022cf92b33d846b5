// SPDX-License-Identifier: Apache-2.0
// Chains that can be linked and will not do what was meant. Each element is right by itself; what is wrong shows only to whoever
// knows all chains, and would show to callers as a deadline that passes.

internal import CatenaChain
internal import CatenaConfig

extension LoadedChains {
    /// All that does not keep the chains from running: what modules and linker warn of, and what is seen across elements.
    func warnings(of engine: Engine) -> [Diagnostic] {
        let advice = anchorsAboveTheirID() + urlsOfNoChain() + waysBack(engine.status().chains.map { ($0.path, $0.name) })
        var all = warnings(with: engine.warnings)
        for diagnostic in advice where !all.contains(diagnostic) { all.append(diagnostic) }
        return all.sortedByPosition()
    }

    /// The type that gives a call the id of this hop, by which an anchor binds it.
    private static let idType = "updatepath"

    private func anchorsAboveTheirID() -> [Diagnostic] {
        var found: [Diagnostic] = []
        for (chain, spec) in zip(file.chains, specs) where chain.isServed || chain.opensConnections {
            guard let anchor = spec.elements.firstIndex(where: { $0.type.isAnchor }) else { continue }
            let name = chain.elements[anchor].name
            for element in chain.elements[anchor...] where element.type == LoadedChains.idType {
                let message = "stands below \"\(name)\", which binds each call to its connection by the id that came in, before this "
                    + "element gives it one of its own: put it above \"\(name)\""
                found.append(element.place.diagnostic(severity: .warning, message: message))
            }
        }
        return found
    }

    private func urlsOfNoChain() -> [Diagnostic] {
        inprocURLs(in: file.chains).compactMap { use in
            guard let chain = file.chain(named: use.target) else {
                let near = Suggestion.phrase(for: use.target, in: file.chains.filter(\.isServed).map(\.name))
                return use.warning("there is no chain \"\(use.target)\" in this file\(near): every call will fail with UNAVAILABLE")
            }
            guard !chain.isServed else { return nil }
            guard !chain.opensConnections else {
                return use.warning(
                    "the chain \"\(use.target)\" begins its own connections and takes no calls: every call will fail with UNAVAILABLE")
            }
            return use.warning(
                "the chain \"\(use.target)\" is not served: give it a \"listen\", or every call will fail with UNAVAILABLE")
        }
    }

    /// - Parameter instances: each chain as it is linked: `forwarder`, and below it `forwarder/connect` of the name `to-next-hop`.
    private func waysBack(_ instances: [(path: String, name: String)]) -> [Diagnostic] {
        // From a chain that is called to those that its calls go on to.
        var ways: [String: [Use]] = [:]
        for instance in instances {
            guard let root = instance.path.split(separator: "/").first, let chain = file.chain(named: instance.name) else { continue }
            ways[String(root), default: []] += inprocURLs(in: [chain])
        }
        var found: [Diagnostic] = []
        for (root, uses) in ways {
            for use in uses {
                guard let route = LoadedChains.route(from: use.target, to: root, ways) else { continue }
                let message = route.count == 1
                    ? "the chain \"\(root)\" calls itself: every Request would wait for its own end"
                    : "a Request comes back to where it began: \(([root] + route).joined(separator: " -> "))"
                found.append(use.warning(message + ", until its deadline"))
            }
        }
        return found
    }

    /// The shortest way, with both ends; nil when there is none.
    private static func route(from start: String, to end: String, _ ways: [String: [Use]]) -> [String]? {
        var routes = [[start]]
        var seen: Set<String> = [start]
        while !routes.isEmpty {
            if let done = routes.first(where: { $0.last == end }) { return done }
            routes = routes.flatMap { route in
                (ways[route[route.count - 1]] ?? []).map(\.target).filter { seen.insert($0).inserted }.map { route + [$0] }
            }
        }
        return nil
    }

    /// A URL by which an element has calls go on to another chain of this host.
    private struct Use {
        let element: ElementDefinition
        let pointer: String
        let target: String

        func warning(_ message: String) -> Diagnostic {
            element.diagnostic(severity: .warning, pointer: pointer, message: "inproc://\(target): \(message)")
        }
    }

    private func inprocURLs(in chains: [ChainDefinition]) -> [Use] {
        chains.flatMap(\.elements).flatMap { element in
            element.urls.compactMap { found -> Use? in
                guard case .inproc(let target) = found.url else { return nil }
                return Use(element: element, pointer: found.pointer, target: target)
            }
        }
    }
}
