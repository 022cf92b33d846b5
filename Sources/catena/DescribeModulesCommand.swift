// SPDX-License-Identifier: Apache-2.0
// Not for people: the process in which a host has modules described before it loads them.

import ArgumentParser
import CatenaHost

struct DescribeModulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: DescribingProcess.command, abstract: "Used by serve and validate.", shouldDisplay: false)

    @Argument(parsing: .captureForPassthrough)
    var words: [String] = []

    func run() throws {
        DescribingProcess.run(words)
        throw ValidationError("this command is used by serve and validate, with descriptors that they leave open")
    }
}
