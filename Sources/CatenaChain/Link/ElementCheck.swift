// SPDX-License-Identifier: Apache-2.0
// Runs a type's own validation over a config and gathers what it says: its problems, and the chains it uses. The C sink lives
// here and nowhere else.

internal import CatenaABI

/// A chain that an element uses, as its config names it.
struct ChainUse: Sendable {
    /// JSON pointer into the element's config.
    let pointer: String
    let chain: String

    /// Why the chain cannot be used as a client chain; nil: it can, as far as its name goes.
    func problem(among chains: [ChainSpec]) -> String? {
        guard let used = chains.first(where: { $0.name == chain }) else {
            let clients = chains.filter { $0.role == .used }.map { "\"\($0.name)\"" }
            let hint = clients.isEmpty ? "there is no client chain (one without \"listen\")" : "client chains are \(clients.joined(separator: ", "))"
            return "there is no chain \"\(chain)\": \(hint)"
        }
        return switch used.role {
        case .served: "the chain \"\(chain)\" is served: a client chain has no \"listen\""
        case .opened: "the chain \"\(chain)\" begins connections of its own: a client chain has no \"open\""
        case .used: nil
        }
    }
}

/// What one element said about its config.
final class ElementCheck {
    private(set) var problems: [LinkProblem] = []
    private(set) var uses: [ChainUse] = []
    private let chain: String
    private let element: Int

    init(chain: String, element: Int) {
        self.chain = chain
        self.element = element
    }

    /// Calls the type's `validate`, if it has one.
    func validate(_ spec: ElementSpec) {
        guard let validate = spec.type.table.validate else { return }
        let sites = ElementSites(path: "\(chain)/\(spec.name)", module: spec.type.module)
        defer { sites.deallocate() }
        withSink { sink in
            spec.config.withUnsafeBufferPointer { config in
                sites.run(.validate) {
                    validate(spec.type.table.ctx, catena_view(ptr: config.baseAddress, len: config.count), sink)
                }
            }
        }
    }

    /// Lends a sink that reports here.
    func withSink<Result>(_ body: (UnsafePointer<catena_sink>) -> Result) -> Result {
        var sink = catena_sink(
            struct_size: UInt32(MemoryLayout<catena_sink>.size), reserved: 0,
            ctx: Unmanaged.passUnretained(self).toOpaque(),
            problem: { context, severity, pointer, message in
                ElementCheck.from(context)?.report(severity, String(pointer), String(message))
            },
            uses_chain: { context, pointer, chain, role in
                ElementCheck.from(context)?.use(role, String(pointer), String(chain))
            })
        return body(&sink)
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> ElementCheck? {
        context.map { Unmanaged<ElementCheck>.fromOpaque($0).takeUnretainedValue() }
    }

    private func report(_ severity: UInt32, _ pointer: String, _ message: String) {
        problems.append(
            LinkProblem(
                severity: severity == CATENA_SEVERITY_WARNING ? .warning : .error, chain: chain, element: element,
                pointer: pointer, message: message))
    }

    private func use(_ role: UInt32, _ pointer: String, _ name: String) {
        guard role == CATENA_USE_CLIENT else {
            return report(CATENA_SEVERITY_ERROR, pointer, "uses a chain in the role \(role), which this host does not know: it needs a newer host")
        }
        uses.append(ChainUse(pointer: pointer, chain: name))
    }
}

extension ElementSpec {
    /// What the type itself says about the config, for a file whose other elements cannot be loaded.
    ///
    /// - Parameter chains: the chains that its uses may name; nil: not all of them are known.
    package func configProblems(among chains: [ChainSpec]?) -> [LinkProblem] {
        let check = ElementCheck(chain: "", element: 0)
        check.validate(self)
        guard let chains else { return check.problems }
        return check.problems
            + check.uses.compactMap { use in
                use.problem(among: chains).map {
                    LinkProblem(severity: .error, chain: "", element: 0, pointer: use.pointer, message: $0)
                }
            }
    }
}
