// SPDX-License-Identifier: Apache-2.0
// The schema of chains.json with the configs of all modules in it, as far as they can be had: an editor is better served with
// four configs of five than with none.

internal import CatenaChain
internal import CatenaConfig

/// The merged schema, and what is missing in it.
public struct MergedSchema: Sendable {
    /// JSON Schema 2020-12, ending in a line feed.
    public let text: String
    /// A sentence for each module or schema that could not be used.
    public let problems: [String]
}

extension ModuleCatalog {
    /// The schema of a chains file with these modules.
    public func schema() -> MergedSchema {
        var types: [TypeSchema] = []
        var problems: [String] = []
        for entry in entries() where !entry.isNoModule {
            switch entry.result {
            case .success(let description):
                for type in description.types { add(type, of: entry, to: &types, &problems) }
            case .failure(let error): problems.append(error.message)
            }
        }
        return MergedSchema(text: ChainsSchema(types: types.sorted { $0.type < $1.type }).text, problems: problems)
    }

    private func add(_ type: TypeDescription, of entry: Entry, to types: inout [TypeSchema], _ problems: inout [String]) {
        do throws(ConfigSchema.Malformed) {
            let config = try ConfigSchema(type.configSchema)
            if entry.isOnSearchPath, entry.hiddenBy == nil, entry.path.hasSuffix("/lib\(type.id).so") {
                types.append(TypeSchema(type: type.id, summary: type.summary, config: config))
            }
            for written in entry.writtenAs {
                types.append(TypeSchema(type: type.id, module: written, summary: type.summary, config: config))
            }
        } catch {
            problems.append("\(entry.path): the config schema of \"\(type.id)\" is of no use: \(error.reason)")
        }
    }
}
