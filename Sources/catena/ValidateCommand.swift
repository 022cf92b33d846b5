// SPDX-License-Identifier: Apache-2.0
// `catena validate`: everything serve would refuse, without opening a socket.

import ArgumentParser
import CatenaConfig
import CatenaHost
import Foundation

struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check a chains file, and load and link the modules it names.",
        discussion: """
            Prints every problem with file, line and column, and ends with status 78 if there is one.

            EXAMPLES
              catena validate
              catena validate --config chains.json --format json
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @OptionGroup var config: ConfigOptions

    @OptionGroup var modules: ModuleOptions

    @Option(name: .long, help: "How problems are printed: text (standard error) or json (standard output).")
    var format = Format.text

    func run() async throws {
        var configuration = HostConfiguration(configPath: config.config, environment: ProcessInfo.processInfo.environment)
        try modules.apply(to: &configuration)
        let warnings: [Diagnostic]
        let summary: String
        do throws(HostError) {
            (warnings, summary) = try await ChainHost.validate(configuration, logger: CommandOutput.logger)
        } catch {
            guard format == .json, !error.diagnostics.isEmpty else { throw CommandOutput.failure(error) }
            try show(error.diagnostics)
            throw ExitCode(78)
        }
        try show(warnings)
        if format == .text { CommandOutput.note("\(config.config): good: \(summary)") }
    }

    private func show(_ diagnostics: [Diagnostic]) throws {
        switch format {
        case .text: if !diagnostics.isEmpty { CommandOutput.note(diagnostics.renderedText()) }
        case .json: try CommandOutput.data(diagnostics.renderedJSON())
        }
    }
}
