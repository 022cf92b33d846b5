// SPDX-License-Identifier: Apache-2.0
// What reading a config found out beside its values: every mistake, and the chains it names. All readers of one config
// share one report.

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

    /// Reads a config of type `C` from JSON text.
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
        let config = ConfigReader(members, at: "", report: self).read(C.self)
        return problems.isEmpty ? config : nil
    }
}
