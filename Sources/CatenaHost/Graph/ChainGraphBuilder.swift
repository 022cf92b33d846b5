// SPDX-License-Identifier: Apache-2.0
// Puts the two halves of a graph together: the engine knows which chains run and who uses them, the file knows listeners and
// configs.

internal import CatenaChain
internal import CatenaConfig

/// Builds the graph of linked chains.
struct ChainGraphBuilder {
    private let file: ChainsFile
    private let specs: [String: ChainSpec]
    private let types: [TypeDescription]
    private let addresses: ServedAddresses
    /// As linked: each chain, and right after it, for each of its elements in order, the client chains used there.
    private let linked: [EngineStatus.Chain]
    private var position = 0

    init(_ loaded: LoadedChains, _ status: EngineStatus) {
        file = loaded.file
        specs = Dictionary(loaded.specs.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        types = loaded.modules.flatMap { $0.description.types }
        addresses = ServedAddresses(loaded.file)
        linked = status.chains
    }

    mutating func runningChains() -> [ChainGraph.Chain] {
        position = 0
        var chains: [ChainGraph.Chain] = []
        while let chain = next() { chains.append(chain) }
        return chains
    }

    /// Chains that run nowhere and whose elements stand in no other chain.
    func unusedChains() -> [String] {
        let used = Set(linked.map(\.name))
        return file.chains.map(\.name).filter { name in
            guard !used.contains(name) else { return false }
            let prefix = "/chains/\(name)/"
            return !file.chains.contains { $0.name != name && $0.elements.contains { $0.place.pointer.hasPrefix(prefix) } }
        }
    }

    private mutating func next() -> ChainGraph.Chain? {
        guard position < linked.count else { return nil }
        let chain = linked[position]
        position += 1
        let definition = file.chain(named: chain.name)
        var elements: [ChainGraph.Element] = []
        for (index, element) in chain.elements.enumerated() {
            let written = definition.flatMap { $0.elements.indices.contains(index) ? $0.elements[index] : nil }
            var uses: [ChainGraph.Chain] = []
            while position < linked.count, linked[position].path == element.path, let use = next() { uses.append(use) }
            elements.append(
                ChainGraph.Element(
                    path: element.path, name: written?.name ?? element.path, type: element.type,
                    isAnchor: chain.connections != nil && isAnchor(index, of: chain.name), uses: uses,
                    targets: ChainGraphBuilder.once((written?.urls ?? []).map(\.url)).compactMap(addresses.target)))
        }
        return ChainGraph.Chain(
            name: chain.name, listen: (definition?.listen ?? []).map { "\($0.url)" },
            opens: ChainGraphBuilder.once((definition?.open ?? []).map(\.service)), elements: elements)
    }

    private static func once<Item: Equatable>(_ items: [Item]) -> [Item] {
        items.reduce(into: []) { kept, item in
            if !kept.contains(item) { kept.append(item) }
        }
    }

    /// In a client chain an anchor is inert, and is not asked for here.
    private func isAnchor(_ index: Int, of chain: String) -> Bool {
        guard let spec = specs[chain], spec.elements.indices.contains(index) else { return false }
        let type = spec.elements[index].type
        return types.contains {
            $0.id == type.id && $0.version == type.version && $0.summary == type.summary && $0.configSchema == type.configSchema
                && $0.traits.contains(.anchor)
        }
    }
}
