// SPDX-License-Identifier: Apache-2.0
// Options that say what a Request asks for, for the commands that make new connections.

import ArgumentParser
import CatenaNSM

struct RequestedOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("A label, key=value; may be repeated.", valueName: "key=value"))
    var label: [String] = []

    @Option(name: .long, help: ArgumentHelp("A mechanism type such as KERNEL or MEMIF, as a preference; may be repeated.", valueName: "type"))
    var mechanism: [String] = []

    func validate() throws {
        _ = try labels()
    }

    /// Adds labels and preferences to a request.
    func apply(to request: inout Networkservice_NetworkServiceRequest) throws {
        for (key, value) in try labels() { request.connection.labels[key] = value }
        request.mechanismPreferences = mechanism.map { type in
            var mechanism = Connection_Mechanism()
            mechanism.cls = "LOCAL"
            mechanism.type = type
            return mechanism
        }
    }

    private func labels() throws -> [(String, String)] {
        try label.map { text in
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw ValidationError("--label: expected key=value, got \"\(text)\"")
            }
            return (String(text[..<equals]), String(text[text.index(after: equals)...]))
        }
    }
}
