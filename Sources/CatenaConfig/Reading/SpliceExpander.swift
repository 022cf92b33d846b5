// SPDX-License-Identifier: Apache-2.0
//
// Puts the elements of spliced chains in place of the splices. It walks with a stack of its own instead of recursion, and counts:
// thirty chains that each splice the last one twice would otherwise be a billion elements.

/// Expands the splices of all chains and settles the instance names.
struct SpliceExpander {
    /// Elements that one chain may have after expansion.
    static let maximumElements = 1024
    /// Elements that all chains together may get by splices.
    static let maximumSpliced = 16384

    /// Chains whose names are compared with that of a chain which is not there.
    static let maximumCompared = 1000

    private(set) var problems = ProblemLog()

    private let chains: [WrittenChain]
    private let indices: [String: Int]
    private var expanded: [[InstanceNaming.Entry]?]
    private var spliced = 0

    init(_ chains: [WrittenChain]) {
        self.chains = chains
        self.indices = Dictionary(chains.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.expanded = Array(repeating: nil, count: chains.count)
    }

    /// The model of every chain, in the order of the file.
    mutating func expand() -> [ChainDefinition] {
        for index in chains.indices where expanded[index] == nil { visit(from: index) }
        var definitions: [ChainDefinition] = []
        for (chain, entries) in zip(chains, expanded) {
            let names = InstanceNaming.names(of: entries ?? [], in: chain, problems: &problems)
            let elements = zip(entries ?? [], names).map { entry, name in
                ElementDefinition(
                    type: entry.element.type, name: name, module: entry.element.module, chain: chain.name,
                    place: entry.element.place, typePlace: entry.element.typePlace, modulePlace: entry.element.modulePlace,
                    pin: entry.element.pin, onFault: entry.element.onFault,
                    config: entry.element.config)
            }
            definitions.append(
                ChainDefinition(name: chain.name, listen: chain.listen, open: chain.open, elements: elements, place: chain.place))
        }
        return definitions
    }

    /// Depth first; a chain is put together when all it splices has been.
    private mutating func visit(from start: Int) {
        var trail: [(chain: Int, nextItem: Int)] = [(start, 0)]
        var onTrail: Set<Int> = [start]
        while let (chain, nextItem) = trail.last {
            guard nextItem < chains[chain].elements.count else {
                expanded[chain] = assemble(chain)
                onTrail.remove(chain)
                trail.removeLast()
                continue
            }
            trail[trail.count - 1].nextItem += 1
            guard case .splice(let splice) = chains[chain].elements[nextItem] else { continue }
            guard let target = indices[splice.chain] else {
                reportUnknown(splice)
                continue
            }
            if onTrail.contains(target) {
                let cycle = trail.drop { $0.chain != target }.map { chains[$0.chain].name } + [splice.chain]
                let shown = cycle.count <= 12 ? cycle : cycle.prefix(6) + ["…"] + cycle.suffix(5)
                let arrows = shown.joined(separator: " -> ")
                problems.error(splice.place, "the chain \(splice.chain.quoted()) splices itself: \(arrows)")
            } else if expanded[target] == nil {
                trail.append((target, 0))
                onTrail.insert(target)
            }
        }
    }

    private mutating func reportUnknown(_ splice: WrittenChain.Splice) {
        guard !problems.isFull else { return }
        var hint = Suggestion.phrase(for: splice.chain, in: chains.prefix(SpliceExpander.maximumCompared).map(\.name))
        if splice.chain.hasNotePrefix { hint = ": a key that begins with \"x-\" is a note, not a chain" }
        problems.error(splice.place, "there is no chain \(splice.chain.quoted()) to splice\(hint)")
    }

    private mutating func assemble(_ chain: Int) -> [InstanceNaming.Entry] {
        var entries: [InstanceNaming.Entry] = []
        for item in chains[chain].elements {
            switch item {
            case .element(let element):
                entries.append(InstanceNaming.Entry(element: element, splice: nil))
            case .splice(let splice):
                let inner = indices[splice.chain].flatMap { expanded[$0] } ?? []
                spliced += inner.count
                guard spliced <= SpliceExpander.maximumSpliced else {
                    let most = SpliceExpander.maximumSpliced
                    problems.error(splice.place, "the splices of this file bring in more than \(most) elements")
                    return []
                }
                for entry in inner { entries.append(InstanceNaming.Entry(element: entry.element, splice: splice.place)) }
            }
        }
        guard entries.count <= SpliceExpander.maximumElements else {
            var message = "the chain has \(entries.count) elements with its splices expanded, "
            message += "at most \(SpliceExpander.maximumElements) are allowed"
            problems.error(chains[chain].place, message)
            return []
        }
        return entries
    }
}
