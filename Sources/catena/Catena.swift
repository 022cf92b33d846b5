// SPDX-License-Identifier: Apache-2.0
// The command line. Everything here is wiring: what a command does lives in CatenaHost, where it can be tested.

import ArgumentParser
import CatenaHost

@main
struct Catena: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catena",
        abstract: "Runs network-service chains declared in chains.json, with elements loaded from shared libraries.",
        discussion: """
            EXAMPLES
              catena validate    check ./chains.json and the modules it names
              catena serve       run it
              catena request --url tcp://127.0.0.1:5001 --service icmp > c.json
              catena close --url tcp://127.0.0.1:5001 c.json
              catena monitor --url tcp://127.0.0.1:5001    connections as they change
              catena load --url tcp://127.0.0.1:5001 --duration 10s
              catena status      what the running host does
              catena graph       the chains as a picture
              catena inspect     the modules there are, and how to use them
              catena schema > catena.schema.json      for editors

            EXIT STATUS
              0 good, 1 the call failed, 64 wrong usage or input,
              69 something is in the way, 78 wrong config,
              above 128 ended by a signal, as a module that crashes gives
            """,
        version: CatenaVersion.current,
        subcommands: [
            ServeCommand.self, ValidateCommand.self, RequestCommand.self, CloseCommand.self, MonitorCommand.self, LoadCommand.self, StatusCommand.self,
            GraphCommand.self, InspectCommand.self, SchemaCommand.self, DescribeModulesCommand.self,
        ])
}
