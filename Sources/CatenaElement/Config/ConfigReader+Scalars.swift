// SPDX-License-Identifier: Apache-2.0
// Settings that are one value. Each says what it expects in the same words in every module, as users read these messages
// more often than documentation.

extension ConfigReader {
    /// A text.
    /// - Parameters:
    ///   - fallback: what an absent key means; nil: the key is required.
    ///   - orEmpty: whether "" will do.
    public func string(_ key: String, default fallback: String? = nil, orEmpty: Bool = false) -> String {
        value(key, fallback: fallback, standIn: "", expected: orEmpty ? "a text" : "a text that is not empty") { value, _ in
            guard case .string(let text) = value, orEmpty || !text.isEmpty else { return nil }
            return text
        }
    }

    /// `true` or `false`.
    public func bool(_ key: String, default fallback: Bool? = nil) -> Bool {
        value(key, fallback: fallback, standIn: false, expected: "true or false") { value, _ in
            guard case .bool(let value) = value else { return nil }
            return value
        }
    }

    /// A whole number within a range.
    public func int(_ key: String, default fallback: Int? = nil, in range: ClosedRange<Int>) -> Int {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return value(key, fallback: fallback, standIn: range.lowerBound, expected: expected) { value, _ in
            guard case .number(let text) = value, let number = Int(text), range.contains(number) else { return nil }
            return number
        }
    }

    /// A time span such as `"250ms"`, `"5s"` or `"1m30s"`.
    /// - Parameter orZero: whether `"0s"` will do.
    public func duration(_ key: String, default fallback: Duration? = nil, orZero: Bool = false) -> Duration {
        let expected = orZero ? "a duration such as \"5s\"" : "a duration above zero such as \"5s\""
        return value(key, fallback: fallback, standIn: .zero, expected: expected) { value, _ in
            guard case .string(let text) = value, let span = DurationText.parse(text), orZero || span > .zero else { return nil }
            return span
        }
    }

    /// Where a client side goes: `tcp://host:port`, `unix:///path` or `inproc://chain`.
    public func url(_ key: String, default fallback: ClientURL? = nil) -> ClientURL {
        let expected = "a URL such as \"tcp://127.0.0.1:5001\", \"unix:///run/catena.sock\" or \"inproc://chain\""
        return value(key, fallback: fallback, standIn: ClientURL(), expected: expected, hint: Self.urlHint) { value, _ in
            guard case .string(let text) = value else { return nil }
            return try? ClientURL(text)
        }
    }

    private static func urlHint(_ value: JSONValue) -> String {
        guard case .string(let text) = value else { return "" }
        do {
            _ = try ClientURL(text)
            return ""
        } catch {
            return " (\(error.reason))"
        }
    }

    /// One of a list of names.
    public func choice<T: ConfigChoice>(_ key: String, default fallback: T) -> T {
        let names = T.allCases.map(\.configName)
        let expected = "one of " + names.map { "\"\($0)\"" }.joined(separator: ", ")
        let hint: (JSONValue) -> String = { value in
            guard case .string(let text) = value else { return "" }
            return Suggestion.text(for: text, among: names)
        }
        return value(key, fallback: fallback, standIn: fallback, expected: expected, hint: hint) { value, _ in
            guard case .string(let text) = value else { return nil }
            return T.allCases.first { $0.configName == text }
        }
    }

    /// The name of a client chain that this element uses, for ``ChainService``.
    public func chain(_ key: String) -> ChainUse {
        value(key, fallback: nil, standIn: ChainUse(name: "", number: 0), expected: "the name of a client chain") { value, pointer in
            guard case .string(let name) = value, !name.isEmpty else { return nil }
            return report.use(name, at: pointer)
        }
    }
}
