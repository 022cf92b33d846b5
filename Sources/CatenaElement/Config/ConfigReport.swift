// SPDX-License-Identifier: Apache-2.0
// Reads a config by its fields, and notes what that finds out beside the values: every mistake, and the chains it names. It
// never stops at a mistake, so that one run of the host shows all of them.

final class ConfigReport {
    struct Use: Equatable {
        let pointer: String
        let chain: String
    }

    private(set) var problems: [ConfigProblem] = []
    private(set) var uses: [Use] = []

    func add(_ problem: ConfigProblem) { problems.append(problem) }

    func use(_ chain: String, at pointer: String) -> ChainUse {
        uses.append(Use(pointer: pointer, chain: chain))
        return ChainUse(name: chain, number: UInt32(uses.count - 1))
    }

    /// Reads a config of type `C` from JSON text; nil after a mistake.
    func read<C: ElementConfig>(_ type: C.Type, from json: [UInt8]) -> C? {
        let value: JSONValue
        do {
            value = try JSONParser.parse(json)
        } catch {
            add(ConfigProblem("the host handed over text that is not JSON (byte \(error.offset))"))
            return nil
        }
        guard case .object(let members) = value else {
            add(ConfigProblem("expected an object, got \(value.quoted)"))
            return nil
        }
        let config = read(type, members, at: "")
        return problems.isEmpty ? config : nil
    }

    /// Reads one object, and notes the keys that no field declares.
    func read<C: ElementConfig>(_ type: C.Type, _ members: [JSONMember], at pointer: String) -> C {
        let before = problems.count
        let fields = C.fields
        let keys = fields.map(\.key)
        let (strangers, meant) = unknown(members, keys, at: pointer)
        var config = C()
        for field in fields {
            if let member = members.first(where: { $0.key == field.key }) {
                field.read(member.value, ConfigProblem.pointer(pointer, field.key), self, &config)
            } else if field.isRequired, !meant.contains(field.key) {
                add(ConfigProblem(at: pointer, "\"\(field.key)\" is missing: expected \(field.form.expected)"))
            }
        }
        strangers.forEach(add)
        if problems.count == before {
            for problem in config.problems() { add(ConfigProblem(at: pointer + problem.pointer, problem.message)) }
        }
        return config
    }

    /// What is to be said of the keys that are not among `keys`, and those of `keys` that were meant: one that is misspelt is one
    /// mistake, and not missing as well.
    private func unknown(
        _ members: [JSONMember], _ keys: [String], at pointer: String
    ) -> (problems: [ConfigProblem], meant: Set<String>) {
        var problems: [ConfigProblem] = [], meant: Set<String> = []
        for member in members where !keys.contains(member.key) && !member.key.hasPrefix("x-") {
            let place = ConfigProblem.pointer(pointer, member.key)
            if let near = Suggestion.nearest(to: member.key, among: keys) {
                meant.insert(near)
                problems.append(ConfigProblem(at: place, "unknown key \"\(member.key)\" (did you mean \"\(near)\"?)"))
            } else {
                let known = keys.isEmpty ? "there are no keys here but" : "the keys here are " + keys.map { "\"\($0)\", " }.joined() + "and"
                problems.append(ConfigProblem(at: place, "unknown key \"\(member.key)\": \(known) notes that begin with \"x-\""))
            }
        }
        return (problems, meant)
    }
}
