// SPDX-License-Identifier: Apache-2.0
// Turns declared chains into linked ones, and finds what can be known before a call runs: a value nobody provides, an element
// that needs an anchor, a chain that does not exist. All problems of all chains are found in one run.

internal import CatenaABI

/// Links chains for one engine.
struct ChainLinker {
    private let engine: Engine
    private let specs: [ChainSpec]
    private var checks: [String: [ElementCheck]] = [:]
    private var problems: [LinkProblem] = []
    private(set) var chains: [LinkedChain] = []
    private(set) var instances: [Instance] = []
    /// Configs and offsets of `instances`, for create.
    private var makings: [(spec: ElementSpec, element: Int, chain: String, offsets: [UInt32])] = []

    init(engine: Engine, specs: [ChainSpec]) {
        self.engine = engine
        self.specs = specs
    }

    /// The chains that have connections of their own, each with its client chains linked below it. Nothing is created yet.
    mutating func link() throws(LinkError) -> [LinkedChain] {
        validate()
        checkUses()
        guard !hasErrors else { throw LinkError(problems: problems) }
        let served = specs.filter { $0.role != .used }.map { linkTree($0) }
        guard !hasErrors else { throw LinkError(problems: problems) }
        return served
    }

    /// Creates every instance. On failure those already created are destroyed.
    mutating func create() throws(LinkError) {
        for (instance, making) in zip(instances, makings) {
            let check = ElementCheck(chain: making.chain, element: making.element)
            let isCreated = instance.create(making.spec, offsets: making.offsets, check: check)
            problems += check.problems
            if !isCreated, !check.problems.contains(where: { $0.severity == .error }) {
                problems.append(
                    LinkProblem(
                        severity: .error, chain: making.chain, element: making.element, pointer: nil,
                        message: "the element \"\(making.spec.type.id)\" could not be created, and gave no reason"))
            }
        }
        guard !hasErrors else {
            for instance in instances.reversed() { instance.destroy() }
            throw LinkError(problems: problems)
        }
        for chain in chains { chain.compile() }
    }

    /// What is not wrong, but worth saying.
    var warnings: [LinkProblem] { problems.filter { $0.severity == .warning } }

    private var hasErrors: Bool { problems.contains { $0.severity == .error } }

    // MARK: Each chain by itself

    private mutating func validate() {
        for spec in specs {
            var found: [ElementCheck] = []
            for (index, element) in spec.elements.enumerated() {
                let check = ElementCheck(chain: spec.name, element: index)
                check.validate(element)
                problems += check.problems
                found.append(check)
            }
            checks[spec.name] = found
        }
    }

    private mutating func checkUses() {
        for spec in specs {
            for (index, check) in (checks[spec.name] ?? []).enumerated() {
                for use in check.uses {
                    guard let message = problem(with: use, in: spec) else { continue }
                    problems.append(
                        LinkProblem(severity: .error, chain: spec.name, element: index, pointer: use.pointer, message: message))
                }
            }
        }
    }

    private func problem(with use: ChainUse, in spec: ChainSpec) -> String? {
        if let problem = use.problem(among: specs) { return problem }
        if let cycle = cycle(from: use.chain, to: spec.name, via: [spec.name]) {
            return "the chain \"\(use.chain)\" uses itself: \(cycle.joined(separator: " -> "))"
        }
        return nil
    }

    private func cycle(from name: String, to goal: String, via path: [String]) -> [String]? {
        if name == goal { return path + [name] }
        guard !path.contains(name) else { return nil }
        for use in (checks[name] ?? []).flatMap(\.uses) {
            if let found = cycle(from: use.chain, to: goal, via: path + [name]) { return found }
        }
        return nil
    }

    // MARK: A served chain with all below it

    /// One element on its way through the tree, in the order of calls.
    private struct Visit {
        let instance: Instance
        let spec: ElementSpec
        let chain: String
        let element: Int
    }

    private mutating func linkTree(_ spec: ChainSpec) -> LinkedChain {
        var visits: [Visit] = []
        let first = chains.count
        let root = build(spec, path: spec.name, user: nil, hasAnchorAbove: false, visits: &visits)
        let (values, offsets) = layOutValues(visits)
        for chain in chains[first...] { chain.seal(values: values) }
        for (visit, offsets) in zip(visits, offsets) {
            instances.append(visit.instance)
            makings.append((visit.spec, visit.element, visit.chain, offsets))
        }
        return root
    }

    private mutating func build(
        _ spec: ChainSpec, path: String, user: Instance?, hasAnchorAbove: Bool, visits: inout [Visit]
    ) -> LinkedChain {
        let chain = LinkedChain(name: spec.name, role: spec.role, path: path, number: chains.count, user: user, engine: engine)
        chains.append(chain)
        let anchor = hasAnchorAbove ? nil : spec.elements.firstIndex { $0.type.isAnchor }
        if let anchor { refuseSecondAnchor(after: anchor, in: spec) }
        var members: [Instance] = []
        for (index, element) in spec.elements.enumerated() {
            let isAnchored = hasAnchorAbove || anchor.map { $0 < index } == true
            let uses = checks[spec.name]?[index].uses ?? []
            if !isAnchored, element.type.needsAnchor || !uses.isEmpty {
                refuseUnanchored(index, in: spec, user: user)
            }
            let instance = Instance(
                type: element.type, path: "\(path)/\(element.name)", onFault: element.onFault, number: visits.count + instances.count, position: index,
                chain: chain, engine: engine)
            members.append(instance)
            visits.append(Visit(instance: instance, spec: element, chain: spec.name, element: index))
            for use in uses {
                guard let used = specs.first(where: { $0.name == use.chain }) else { continue }
                instance.uses.append(
                    build(used, path: instance.path, user: instance, hasAnchorAbove: isAnchored, visits: &visits))
            }
        }
        chain.lay(out: members, anchor: anchor)
        return chain
    }

    private mutating func refuseSecondAnchor(after anchor: Int, in spec: ChainSpec) {
        for index in spec.elements.indices where index > anchor && spec.elements[index].type.isAnchor {
            add(
                spec.name, index,
                "a chain has one anchor: \"\(spec.elements[index].name)\" is a second one after \"\(spec.elements[anchor].name)\"; remove one of them")
        }
    }

    private mutating func refuseUnanchored(_ index: Int, in spec: ChainSpec, user: Instance?) {
        let element = spec.elements[index]
        let place = user.map { "in the chain \"\(spec.name)\" or above \"\($0.path)\", which uses it" } ?? "above it in the chain \"\(spec.name)\""
        add(
            spec.name, index,
            "\"\(element.name)\" keeps something for each connection, and there is no anchor \(place): put an element such as \"serialize\" there")
    }

    private mutating func layOutValues(_ visits: [Visit]) -> (ValueLayout, [[UInt32]]) {
        var layout = ValueLayout()
        var offsets: [[UInt32]] = []
        for (index, visit) in visits.enumerated() {
            var own: [UInt32] = []
            for value in visit.instance.type.values {
                if let offset = layout.place(value, owner: visit.instance.path) {
                    own.append(UInt32(offset))
                } else if let other = layout.owner(of: value.key) {
                    add(
                        visit.chain, visit.element,
                        "the context value \"\(value.key)\" has \(value.size) bytes in \"\(visit.instance.path)\" and \(other.size) in \"\(other.name)\": rebuild the older module")
                }
                if value.isRequired, !isProvided(value, at: index, among: visits) {
                    refuseMissing(value, at: index, among: visits)
                }
            }
            offsets.append(own)
        }
        return (layout, offsets)
    }

    private func isProvided(_ value: ValueDeclaration, at index: Int, among visits: [Visit]) -> Bool {
        let candidates = value.goesUp ? visits[(index + 1)...] : visits[..<index]
        return candidates.contains { visit in
            visit.instance.type.values.contains { $0.key == value.key && $0.isProvided && $0.goesUp == value.goesUp }
                && (value.goesUp || isAbove(visit.instance, visits[index].instance))
        }
    }

    /// Does a call on its way in pass `one` before `other`? A client chain that some other element uses is not on the way.
    private func isAbove(_ one: Instance, _ other: Instance) -> Bool {
        var place: Instance? = other
        while let current = place {
            if one.chain === current.chain { return one.position < current.position }
            place = current.chain.user
        }
        return false
    }

    private mutating func refuseMissing(_ value: ValueDeclaration, at index: Int, among visits: [Visit]) {
        let visit = visits[index]
        let where_ = value.goesUp ? "after" : "before"
        let providers = visits.filter { $0.instance.type.values.contains { $0.key == value.key && $0.isProvided } }
        let hint = providers.first.map { "; \"\($0.instance.path)\" provides it, but stands on the wrong side" } ?? ""
        add(
            visit.chain, visit.element,
            "\"\(visit.spec.name)\" needs the context value \"\(value.key)\", which no element \(where_) it provides\(hint)\(ChainLinker.advice(value.key))")
    }

    private static func advice(_ key: String) -> String {
        key == CATENA_KEY_CLIENT_URL ? ": put an element such as \"clienturl\" before it" : ""
    }

    private mutating func add(_ chain: String, _ element: Int, _ message: String) {
        let problem = LinkProblem(severity: .error, chain: chain, element: element, pointer: nil, message: message)
        if !problems.contains(problem) { problems.append(problem) }
    }
}
