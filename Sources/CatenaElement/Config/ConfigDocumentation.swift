// SPDX-License-Identifier: Apache-2.0
// The table of keys in a module's README, from the fields. A test compares the two, so that a README cannot tell of a
// default that is not one.

enum ConfigDocumentation {
    /// One line of the table.
    struct Row: Sendable {
        let key: String
        let value: String
        let fallback: String
        let meaning: String

        /// The row of a key inside another value: `servers[].url`.
        func inside(_ step: String) -> Row {
            let separator = key.hasPrefix("[") || key.hasPrefix(".") || step == "[]" ? "" : "."
            return Row(key: step + separator + key, value: value, fallback: fallback, meaning: meaning)
        }

        var line: String { "| `\(key)` | \(value) | \(fallback) | \(meaning) |" }
    }

    static func table<Config: ElementConfig>(of type: Config.Type) -> String {
        let rows = rows(of: type)
        if rows.isEmpty { return "It has no config." }
        return (["| key | value | default | meaning |", "|---|---|---|---|"] + rows.map(\.line)).joined(separator: "\n")
    }

    static func rows<Config: ElementConfig>(of type: Config.Type) -> [Row] {
        Config.fields.flatMap { field in
            let fallback = field.fallback.map { "`\($0.text)`" } ?? "none"
            let row = Row(
                key: field.key, value: field.form.documentation, fallback: field.isRequired ? "required" : fallback, meaning: field.meaning)
            return [row] + field.form.inner().map { inner in
                Row(key: field.key + inner.key, value: inner.value, fallback: inner.fallback, meaning: inner.meaning)
            }
        }
    }
}
