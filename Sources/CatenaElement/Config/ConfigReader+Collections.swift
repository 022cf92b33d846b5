// SPDX-License-Identifier: Apache-2.0
// Settings that hold others. Problems inside them carry the whole pointer, and each object inside is read by its own
// ElementConfig.

extension ConfigReader {
    /// A list of texts, none of them empty.
    public func strings(_ key: String, default fallback: [String]? = nil) -> [String] {
        value(key, fallback: fallback, standIn: [], expected: "a list of texts") { value, pointer in
            guard case .array(let elements) = value else { return nil }
            return elements.enumerated().compactMap { index, element in
                if case .string(let text) = element, !text.isEmpty { return text }
                report.add(ConfigProblem(at: "\(pointer)/\(index)", "expected a text that is not empty, got \(element.quoted)"))
                return nil
            }
        }
    }

    /// An object whose values are texts.
    public func stringMap(_ key: String, default fallback: [String: String]? = nil) -> [String: String] {
        value(key, fallback: fallback, standIn: [:], expected: "an object of texts") { value, pointer in
            guard case .object(let members) = value else { return nil }
            var map: [String: String] = [:]
            for member in members {
                if case .string(let text) = member.value {
                    map[member.key] = text
                } else {
                    let place = Self.pointer(pointer, member.key)
                    report.add(ConfigProblem(at: place, "expected a text, got \(member.value.quoted)"))
                }
            }
            return map
        }
    }

    /// An object with settings of its own.
    public func object<C: ElementConfig>(_ key: String, default fallback: C? = nil, as type: C.Type = C.self) -> C {
        value(key, fallback: fallback, standIn: Self.empty(C.self), expected: "an object") { value, pointer in
            guard case .object(let members) = value else { return nil }
            return ConfigReader(members, at: pointer, report: report).read(C.self)
        }
    }

    /// A list of objects with settings of their own.
    public func objects<C: ElementConfig>(_ key: String, default fallback: [C]? = nil, of type: C.Type = C.self) -> [C] {
        value(key, fallback: fallback, standIn: [], expected: "a list of objects") { value, pointer in
            guard case .array(let elements) = value else { return nil }
            return elements.enumerated().compactMap { index, element in
                let place = "\(pointer)/\(index)"
                if case .object(let members) = element { return ConfigReader(members, at: place, report: report).read(C.self) }
                report.add(ConfigProblem(at: place, "expected an object, got \(element.quoted)"))
                return nil
            }
        }
    }

    /// What stands in for an object that is missing, whose own problems would say nothing new.
    private static func empty<C: ElementConfig>(_ type: C.Type) -> C {
        ConfigReader([], at: "", report: ConfigReport()).read(C.self)
    }
}
