// SPDX-License-Identifier: Apache-2.0
// Kinds whose texts stand for something else: a span of time, a place, one of a list of names, another chain. Their small
// languages are given to the schema as patterns.

extension ConfigKind where Value == Duration {
    /// A time span above zero such as `"250ms"`, `"5s"` or `"1m30s"`.
    public static var duration: ConfigKind { duration(orZero: false) }

    /// A time span.
    /// - Parameter orZero: whether `"0s"` will do.
    public static func duration(orZero: Bool) -> ConfigKind {
        let above = orZero ? "" : " above zero"
        let form = ConfigForm(
            "a duration\(above) such as \"5s\"", plural: "durations", documentation: "a duration\(above)",
            schema: { [.type("string"), .init("format", "catena-duration"), .init("pattern", DurationText.pattern(orZero: orZero))] })
        return ConfigKind(
            form,
            read: { value, _, _ in
                guard case .string(let text) = value, let span = DurationText.parse(text), orZero || span > .zero else { return nil }
                return span
            }, write: { .string(DurationText.text(of: $0)) },
            hint: { value in
                guard case .string(let text) = value, DurationText.parse(text) == nil else { return "" }
                return ": \(DurationText.rule)"
            })
    }
}

extension ConfigKind where Value == ClientURL {
    /// Where a client side goes: `tcp://host:port`, `unix:///path` or `inproc://chain`.
    public static var url: ConfigKind {
        let form = ConfigForm(
            "a URL such as \"tcp://127.0.0.1:5001\", \"unix:///run/catena.sock\" or \"inproc://chain\"", plural: "URLs",
            documentation: "`tcp://host:port`, `unix:///path` or `inproc://chain`, at most \(ClientURL.maximumLength) bytes",
            schema: {
                [
                    .type("string"), .init("format", "catena-url"), .init("maxLength", ClientURL.maximumLength),
                    .init("pattern", ClientURL.pattern),
                ]
            })
        return ConfigKind(
            form,
            read: { value, _, _ in
                guard case .string(let text) = value else { return nil }
                return try? ClientURL(text)
            }, write: { .string($0.text) },
            hint: { value in
                guard case .string(let text) = value else { return "" }
                do throws(ClientURL.Malformed) {
                    _ = try ClientURL(text)
                    return ""
                } catch {
                    return " (\(error.reason))"
                }
            })
    }
}

extension ConfigKind where Value: ConfigChoice {
    /// One of a list of names.
    public static var choice: ConfigKind {
        let names = Value.allCases.map(\.configName)
        let form = ConfigForm(
            "one of " + names.map { "\"\($0)\"" }.joined(separator: ", "), plural: "names",
            documentation: names.map { "`\($0)`" }.joined(separator: ", "),
            schema: { [JSONMember(key: "enum", value: .array(names.map { .string($0) }))] })
        return ConfigKind(
            form,
            read: { value, _, _ in
                guard case .string(let text) = value else { return nil }
                return Value.allCases.first { $0.configName == text }
            }, write: { .string($0.configName) },
            hint: { value in
                guard case .string(let text) = value else { return "" }
                return Suggestion.text(for: text, among: names)
            })
    }
}

extension ConfigKind where Value == ChainUse {
    /// The name of a client chain that this element uses, for ``ChainService``. Whether there is such a chain is the host's
    /// to say, which knows them all.
    public static var chain: ConfigKind {
        let form = ConfigForm(
            "the name of a client chain", plural: "names of client chains", documentation: "name of a client chain",
            schema: { [.type("string"), .init("minLength", 1), .init("format", "catena-chain")] })
        return ConfigKind(
            form,
            read: { value, pointer, report in
                guard case .string(let name) = value, !name.isEmpty else { return nil }
                return report.use(name, at: pointer)
            }, write: { .string($0.name) })
    }
}
