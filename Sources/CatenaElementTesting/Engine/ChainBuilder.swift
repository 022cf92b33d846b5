// SPDX-License-Identifier: Apache-2.0
// Makes the engine's specs of what a test has listed, and puts the watching tables in between.
internal import CatenaChain
internal import CatenaElement

struct ChainBuilder {
    let record: BenchRecord
    let loop: ManualLoop
    private(set) var watched: [WatchedType] = []
    private(set) var neighbours: [NeighbourType] = []

    init(record: BenchRecord, loop: ManualLoop) {
        self.record = record
        self.loop = loop
    }

    mutating func chain(_ name: String, _ elements: [BenchElement], _ role: ChainSpec.Role) throws(BenchError) -> ChainSpec {
        var specs: [ElementSpec] = []
        for element in elements {
            let spec = try spec(element)
            if specs.contains(where: { $0.name == spec.name }) {
                throw BenchError("\(name): two elements are named \"\(spec.name)\": give one of them another name", element: "\(name)/\(spec.name)")
            }
            specs.append(spec)
        }
        return ChainSpec(name: name, role: role, elements: specs)
    }

    private mutating func spec(_ element: BenchElement) throws(BenchError) -> ElementSpec {
        switch element.kind {
        case .neighbour(let neighbour):
            let type = NeighbourType(neighbour, record: record, loop: loop)
            neighbour.enter(record)
            neighbours.append(type)
            return ElementSpec(name: neighbour.name, type: try EntryLoan.type(type.pointer, of: "neighbour \"\(neighbour.name)\""))
        case .element(let find, let config):
            let source = try find()
            let name = element.name ?? source.id
            let type = WatchedType(source.type, name: name, record: record)
            watched.append(type)
            return ElementSpec(name: name, type: try EntryLoan.type(type.pointer, of: source.name), config: Array(config.json.utf8))
        }
    }
}

extension BenchError {
    /// Every problem that linking found, with the instance it is about.
    init(_ error: LinkError, _ specs: [ChainSpec]) {
        let errors = error.problems.filter { $0.severity == .error }
        let places = errors.map { problem in
            let chain = specs.first { $0.name == problem.chain }
            return problem.element.flatMap { chain?.elements[$0].name }.map { "\(problem.chain)/\($0)" } ?? problem.chain
        }
        let lines = zip(places, errors).map { place, problem in
            [place, problem.pointer ?? "", problem.message].filter { !$0.isEmpty }.joined(separator: ": ")
        }
        self.init(
            lines.joined(separator: "\n"), element: places.first ?? "",
            problems: errors.map { ConfigProblem(at: $0.pointer ?? "", $0.message) })
    }
}
