// SPDX-License-Identifier: Apache-2.0
// `catena graph`: the chains of a file as a picture.

import ArgumentParser
import CatenaHost
import Foundation

struct GraphCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph",
        abstract: "Draw the chains of a file.",
        discussion: """
            Shows each served chain with its listeners, each that opens connections with
            their services, its elements in the order in which a Request meets them, the anchor, the client chains that elements use, and
            where URLs in their configs lead within the file. Splices are expanded.

            Loads and links the modules; what "catena validate" refuses is refused here
            with the same words and status 78.

            EXAMPLES
              catena graph
              catena graph --format dot | dot -Tsvg > chains.svg
              catena graph --config chains.json --format mermaid
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, mermaid, dot }

    @OptionGroup var config: ConfigOptions

    @OptionGroup var modules: ModuleOptions

    @Option(name: .long, help: "text, mermaid or dot.")
    var format = Format.text

    func run() async throws {
        var configuration = HostConfiguration(configPath: config.config, environment: ProcessInfo.processInfo.environment)
        try modules.apply(to: &configuration)
        let text: String
        do throws(HostError) {
            let (graph, warnings) = try await ChainGraph.read(configuration, logger: CommandOutput.logger)
            for warning in warnings { CommandOutput.note("\(warning)") }
            text =
                switch format {
                case .text: graph.text
                case .mermaid: graph.mermaid
                case .dot: graph.dot
                }
        } catch {
            throw CommandOutput.failure(error)
        }
        try CommandOutput.data(text)
    }
}
