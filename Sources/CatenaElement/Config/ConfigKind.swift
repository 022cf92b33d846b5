// SPDX-License-Identifier: Apache-2.0
// What a key accepts, and as which Swift type. Authors choose kinds and do not make them: each is tried against its own
// schema by the kit's tests, which nobody could do for a closure of somebody else.

/// A kind of value in a config: `.text`, `.int(in: 1...9)`, `.list(of: .text)`.
public struct ConfigKind<Value: Sendable>: Sendable {
    let form: ConfigForm
    /// nil for a value that is not what was expected. What is wrong inside a value is told to the report.
    let read: @Sendable (_ value: JSONValue, _ pointer: String, ConfigReport) -> Value?
    let write: @Sendable (Value) -> JSONValue
    /// What to say beside what was expected.
    let hint: @Sendable (JSONValue) -> String

    init(
        _ form: ConfigForm, read: @escaping @Sendable (JSONValue, String, ConfigReport) -> Value?,
        write: @escaping @Sendable (Value) -> JSONValue, hint: @escaping @Sendable (JSONValue) -> String = { _ in "" }
    ) {
        self.form = form
        self.read = read
        self.write = write
        self.hint = hint
    }

    /// The value, or nil after the report was told what is wrong with it.
    func value(of value: JSONValue, at pointer: String, _ report: ConfigReport) -> Value? {
        if let value = read(value, pointer, report) { return value }
        report.add(ConfigProblem(at: pointer, "expected \(form.expected), got \(value.quoted)\(hint(value))"))
        return nil
    }
}
