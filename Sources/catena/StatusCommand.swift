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

            EXAMPLES
              catena status
              catena status --control /run/catena/control.sock --format json
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @OptionGroup var options: HostOptions

    @Option(name: .long, help: "text or json.")
    var format = Format.text

    func run() async throws {
        let report: StatusReport
        do throws(HostError) {
            report = try await ControlClient(path: ControlPath.find(options.configuration)).status()
        } catch {
            throw CommandOutput.failure(error)
        }
        switch format {
        case .text: try CommandOutput.data(report.text)
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try CommandOutput.data(String(decoding: try encoder.encode(report), as: UTF8.self) + "\n")
        }
    }
}
