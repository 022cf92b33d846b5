// SPDX-License-Identifier: Apache-2.0
// One key of a config: its name, where its value goes, what is accepted, and what it means. All that is known of a key
// stands here, for the decoder as for the schema and the documentation.

/// One key of a config; an entry of ``ElementConfig/fields``.
public struct ConfigField<Config: ElementConfig>: Sendable {
    /// As it is written in chains.json.
    public let key: String
    /// For people: one phrase, without a full stop.
    public let meaning: String
    /// Whether a config without this key is wrong.
    public let isRequired: Bool

    let form: ConfigForm
    /// Reads the value at a pointer into the config, or tells the report what is wrong with it.
    let read: @Sendable (_ value: JSONValue, _ pointer: String, ConfigReport, inout Config) -> Void
    /// The value that a config has, as JSON; nil for none.
    let write: @Sendable (Config) -> JSONValue?

    /// A key that must be there.
    /// - Parameters:
    ///   - path: the property that holds the value.
    ///   - kind: what is accepted.
    ///   - meaning: for people: one phrase, without a full stop.
    public static func required<Value>(
        _ key: String, _ path: any WritableKeyPath<Config, Value> & Sendable, _ kind: ConfigKind<Value>, _ meaning: String
    ) -> ConfigField {
        ConfigField(key, isRequired: true, kind, meaning, set: { $1[keyPath: path] = $0 }, get: { $0[keyPath: path] })
    }

    /// A key whose default is the property's value in `Config()`. As ``required(_:_:_:_:)`` in all else.
    public static func optional<Value>(
        _ key: String, _ path: any WritableKeyPath<Config, Value> & Sendable, _ kind: ConfigKind<Value>, _ meaning: String
    ) -> ConfigField {
        ConfigField(key, isRequired: false, kind, meaning, set: { $1[keyPath: path] = $0 }, get: { $0[keyPath: path] })
    }

    /// A key without a default: nil when it is not written. As ``required(_:_:_:_:)`` in all else.
    public static func optional<Value>(
        _ key: String, _ path: any WritableKeyPath<Config, Value?> & Sendable, _ kind: ConfigKind<Value>, _ meaning: String
    ) -> ConfigField {
        ConfigField(key, isRequired: false, kind, meaning, set: { $1[keyPath: path] = $0 }, get: { $0[keyPath: path] })
    }

    private init<Value>(
        _ key: String, isRequired: Bool, _ kind: ConfigKind<Value>, _ meaning: String,
        set: @escaping @Sendable (Value, inout Config) -> Void, get: @escaping @Sendable (Config) -> Value?
    ) {
        self.key = key
        self.meaning = meaning
        self.isRequired = isRequired
        form = kind.form
        read = { value, pointer, report, config in
            if let value = kind.value(of: value, at: pointer, report) { set(value, &config) }
        }
        write = { get($0).map(kind.write) }
    }

    /// The default as JSON; nil: none, or the key is required.
    var fallback: JSONValue? { isRequired ? nil : write(Config()) }
}
