// SPDX-License-Identifier: Apache-2.0
// `catena schema`: what an editor needs to complete and check chains.json.

import ArgumentParser
import CatenaHost

struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of chains.json, with the config of every module.",
        discussion: """
            JSON Schema 2020-12. Modules are looked for as by "catena inspect". Ends with
            status 78 when one cannot be used; the schema is printed without it.

            A schema says less than "catena validate": it knows no variable's value, no
            other file, and no rule between two chains or two elements.

            EXAMPLES
              catena schema > catena.schema.json
              catena schema --config /etc/catena/chains.json > catena.schema.json

            An editor uses it when chains.json begins with
              "$schema": "catena.schema.json",
            """)

    @OptionGroup var modules: CatalogOptions

    func run() async throws {
        let schema = try modules.catalog().schema()
        try CommandOutput.data(schema.text)
        for problem in schema.problems { CommandOutput.note("catena: error: \(problem)") }
        if !schema.problems.isEmpty { throw ExitCode(78) }
    }
}
