// SPDX-License-Identifier: Apache-2.0
// `catena inspect`: the modules there are, and how to use what they offer.

import ArgumentParser
import CatenaHost
import Foundation

struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show modules: their element types, config options, values and cost.",
        discussion: """
            Looks where a chains file's elements are looked for: on its modulePath, in
            the folder of this program, and at each "module" it names. Ends with
            status 78 when a module cannot be used, and shows the others all the same.
            A library without an entry function is no module, and no error.

            COST
              hooks           functions that a Request and a Close run through, of 4;
                              one that is absent costs nothing
              per call        memory that each call carries for the element
              per connection  memory that each connection, or leg, carries for it

            EXAMPLES
              catena inspect                   one line for each type
              catena inspect connect           all about one
              catena inspect ./libmine.so      all about what a file offers
              catena inspect --format json

            KEYS OF --format json
              searchPath      folders, in the order in which they are searched
              modules         path, name, version, builtWith, abiMinor, services,
                              hiddenBy (path of a library that is found before it)
                and types
              types           id, version, summary, configSchema (JSON Schema),
                              stateSchema, oldestState (versions, 0: no state),
                              traits: anchor, guard, again, needs-anchor
                and options, values, cost
              options         key, value (what is accepted, in words), required,
                              default, meaning
              values          key, bytes,
                              roles: provides, consumes, optional, up, kept
              cost            requestHooks, closeHooks, otherHooks, bytesPerCall,
                              bytesPerConnection
              problems        path, reason: modules that cannot be used
              otherLibraries  path, reason: libraries that are no modules
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Argument(help: ArgumentHelp("An element type, or the path of a library; without: every module.", valueName: "type|file"))
    var name: String?

    @OptionGroup var modules: CatalogOptions

    @Option(name: .long, help: "text or json.")
    var format = Format.text

    func run() async throws {
        let catalog = try modules.catalog()
        let report: InspectionReport
        do throws(InspectionError) {
            report = if let name { try catalog.inspection(of: name) } else { catalog.inspection() }
        } catch {
            CommandOutput.note("catena: error: \(error)")
            throw ExitCode(64)
        }
        switch format {
        case .text: try CommandOutput.data(name == nil ? report.table : report.pages)
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try CommandOutput.data(String(decoding: try encoder.encode(report), as: UTF8.self) + "\n")
        }
        if report.hasProblems { throw ExitCode(78) }
    }
}
