// SPDX-License-Identifier: Apache-2.0
// `catena close`: ends a connection. A Close carries the connection as its Request returned it, because the path in it is how each
// host on the way knows its own part.

import ArgumentParser
import CatenaNSM
import SwiftProtobuf

struct CloseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close",
        abstract: "Close a connection that \"catena request\" made.",
        discussion: """
            EXAMPLES
              catena request --url tcp://127.0.0.1:5001 --service icmp > connection.json
              catena close --url tcp://127.0.0.1:5001 connection.json
            """)

    @OptionGroup var nextHop: NextHopOptions

    @Argument(help: ArgumentHelp("The Connection, as printed by \"catena request\"; - is standard input.", valueName: "file"))
    var file = "-"

    func run() async throws {
        let connection = try ConnectionText.read(file)
        _ = try await nextHop.call(MethodPath.close, try connection.serializedBytes())
        CommandOutput.note("catena: closed \(connection.id)")
    }
}
