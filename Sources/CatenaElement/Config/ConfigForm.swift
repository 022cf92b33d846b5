// SPDX-License-Identifier: Apache-2.0
// What a kind of value looks like, without its Swift type: what messages, schema and documentation need of it. It is data,
// and made beside the code that reads such values.

struct ConfigForm: Sendable {
    /// As in "expected a text that is not empty, got 5".
    let expected: String
    /// Of several: "texts".
    let plural: String
    /// For the documentation's table.
    let documentation: String
    /// The keywords of its JSON Schema.
    let schema: @Sendable () -> [JSONMember]
    /// Keys inside it, with what stands before each: "size" of an object in a list is `[].size`.
    let inner: @Sendable () -> [ConfigDocumentation.Row]

    init(
        _ expected: String, plural: String, documentation: String, schema: @escaping @Sendable () -> [JSONMember],
        inner: @escaping @Sendable () -> [ConfigDocumentation.Row] = { [] }
    ) {
        self.expected = expected
        self.plural = plural
        self.documentation = documentation
        self.schema = schema
        self.inner = inner
    }
}
