// SPDX-License-Identifier: Apache-2.0
// `catena status`: what the running host says of itself, as a table for people or as JSON for programs.

import ArgumentParser
import CatenaHost
import Foundation

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the running host's chains, elements and counters.",
        discussion: """
            COLUMNS
              requests, closes  hooks that were called on the way in
              failures          calls that the element failed itself
              faults            rules of the element ABI that it broke; the log
                                has each as "element misbehaves"
              owes N answers    hooks that never answered and were written off
              out of use        taken out after a fault, as "onFault" says; a
                                restart of the host puts it back

            OPENED CONNECTIONS
              A chain with "open" has a line for each: up, or being asked for,
              since when, and why the last Request failed.

            EXAMPLES
              catena status
              catena status --connections
              catena status --control /run/catena/control.sock --format json
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @OptionGroup var options: HostOptions

    @Option(name: .long, help: "text or json.")
    var format = Format.text

    @Flag(name: .long, help: "List the live connections: chain, state, next hop and age.")
    var connections = false

    func run() async throws {
        let client = ControlClient(path: ControlPath.find(options.configuration))
        if connections {
            let list = try await Self.ask { () async throws(HostError) in try await client.connections() }
            try Self.print(list, list.text, format)
        } else {
            let report = try await Self.ask { () async throws(HostError) in try await client.status() }
            try Self.print(report, report.text, format)
        }
    }

    private static func ask<Answer>(_ question: () async throws(HostError) -> Answer) async throws(ExitCode) -> Answer {
        do throws(HostError) {
            return try await question()
        } catch {
            throw CommandOutput.failure(error)
        }
    }

    private static func print(_ report: some Encodable, _ text: String, _ format: Format) throws {
        switch format {
        case .text: try CommandOutput.data(text)
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try CommandOutput.data(String(decoding: try encoder.encode(report), as: UTF8.self) + "\n")
        }
    }
}
