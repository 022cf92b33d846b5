// SPDX-License-Identifier: Apache-2.0
// What "catena inspect" shows, as data: the names here are the keys of its JSON, so they stay.

internal import CatenaChain
public import CatenaConfig

/// Modules, what they offer, and what cannot be used.
public struct InspectionReport: Sendable, Encodable {
    public struct Module: Sendable, Encodable {
        public var path: String
        public var name: String
        public var version: String
        /// The compiler, as the module says it.
        public var builtWith: String
        /// Minor of the element ABI that it was built for.
        public var abiMinor: UInt32
        /// Host services that it cannot do without.
        public var services: [String]
        /// The library that elements get instead, by the order of the search path.
        public var hiddenBy: String?
        public var types: [ElementType]
    }

    public struct ElementType: Sendable, Encodable {
        public var id: String
        public var version: String
        public var summary: String
        /// `anchor`, `guard`, `again`, `needs-anchor`.
        public var traits: [String]
        /// Keys of its config.
        public var options: [ConfigOption]
        /// JSON Schema of its config; nil: it gives none, or none that can be read.
        public var configSchema: ConfigSchema?
        public var values: [Value]
        public var cost: Cost
        /// Version of its durable state, 0: it has none.
        public var stateSchema: UInt32
        /// The oldest version of that state that it reads.
        public var oldestState: UInt32
    }

    /// A context value.
    public struct Value: Sendable, Encodable {
        public var key: String
        public var bytes: UInt32
        /// `provides`, `consumes`, `optional`, `up`, `kept`.
        public var roles: [String]
    }

    /// What a call or connection pays for an element of the type.
    public struct Cost: Sendable, Encodable {
        /// Hooks that a Request runs through: `request`, `request-reply`; what is absent costs nothing.
        public var requestHooks: [String]
        /// As above, of a Close.
        public var closeHooks: [String]
        /// Hooks on other occasions: `cancel`, `call-dropped`, `connection-dropped`.
        public var otherHooks: [String]
        public var bytesPerCall: UInt32
        public var bytesPerConnection: UInt32
    }

    /// A library that is no module, or a module that cannot be used.
    public struct Refused: Sendable, Encodable {
        public var path: String
        public var reason: String
    }

    public var searchPath: [String]
    public var modules: [Module]
    /// Modules that cannot be used, and schemas that cannot be read.
    public var problems: [Refused]
    /// Libraries on the search path that have no entry function.
    public var otherLibraries: [Refused]

    public var hasTypes: Bool { modules.contains { !$0.types.isEmpty } }
    public var hasProblems: Bool { !problems.isEmpty }
}

extension InspectionReport {
    init(_ entries: [ModuleCatalog.Entry], searchPath: [String]) {
        self.searchPath = searchPath
        modules = []
        problems = []
        otherLibraries = []
        for entry in entries {
            switch entry.result {
            case .success(let description): add(description, of: entry)
            case .failure(let error):
                let refused = Refused(path: entry.path, reason: InspectionReport.reason(error, entry.path))
                if entry.isNoModule { otherLibraries.append(refused) } else { problems.append(refused) }
            }
        }
    }

    /// The modules with this type, with no other type in them.
    func only(type: String) -> InspectionReport {
        var report = self
        report.modules = modules.compactMap { module in
            var module = module
            module.types.removeAll { $0.id != type }
            return module.types.isEmpty ? nil : module
        }
        return report
    }

    private mutating func add(_ description: ModuleDescription, of entry: ModuleCatalog.Entry) {
        let types = description.types.map { type in
            var schema: ConfigSchema?
            do throws(ConfigSchema.Malformed) {
                schema = type.configSchema.isEmpty ? nil : try ConfigSchema(type.configSchema)
            } catch {
                problems.append(Refused(path: entry.path, reason: "the config schema of \"\(type.id)\" is of no use: \(error.reason)"))
            }
            return ElementType(type, schema)
        }
        modules.append(
            Module(
                path: entry.path, name: description.name, version: description.version, builtWith: description.builtWith,
                abiMinor: description.abiMinor, services: description.services, hiddenBy: entry.hiddenBy, types: types))
    }

    /// Without the path, which stands beside it.
    private static func reason(_ error: ModuleError, _ path: String) -> String {
        let head = "\(path): "
        return error.message.hasPrefix(head) ? String(error.message.dropFirst(head.count)) : error.message
    }
}

extension InspectionReport.ElementType {
    init(_ type: TypeDescription, _ schema: ConfigSchema?) {
        let hooks = { (wanted: [TypeDescription.Hook]) in type.hooks.filter(wanted.contains).map(\.rawValue) }
        self.init(
            id: type.id, version: type.version, summary: type.summary, traits: type.traits.map(\.rawValue),
            options: schema?.options ?? [], configSchema: schema,
            values: type.values.map { InspectionReport.Value(key: $0.key, bytes: $0.size, roles: $0.roles.map(\.rawValue)) },
            cost: InspectionReport.Cost(
                requestHooks: hooks([.request, .requestReply]), closeHooks: hooks([.close, .closeReply]),
                otherHooks: hooks([.cancel, .callDropped, .connectionDropped]),
                bytesPerCall: type.callSlotSize, bytesPerConnection: type.connectionSlotSize),
            stateSchema: type.stateSchema, oldestState: type.oldestState)
    }
}
