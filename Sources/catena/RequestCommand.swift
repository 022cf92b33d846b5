// SPDX-License-Identifier: Apache-2.0
// `catena request`: a client of the NSM API for the command line. It asks for a connection, or refreshes one that it asked for
// before.

import ArgumentParser
import CatenaNSM
import Foundation
import SwiftProtobuf

struct RequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Ask an NSM server for a connection, and print it as JSON.",
        discussion: """
            EXAMPLES
              catena request --url tcp://127.0.0.1:5001 --service icmp
              catena request --url unix:///run/nsm.sock --service icmp \\
                --label app=web --mechanism KERNEL --id my-connection
              catena request --url tcp://127.0.0.1:5001 --connection c.json   (a refresh)
            """)

    @OptionGroup var nextHop: NextHopOptions

    @Option(name: .long, help: ArgumentHelp("The network service.", valueName: "name"))
    var service: String?

    @Option(name: .long, help: ArgumentHelp("The connection's id (default: a new UUID).", valueName: "id"))
    var id: String?

    @OptionGroup var requested: RequestedOptions

    @Option(name: .long, help: ArgumentHelp("The name of the client's own path segment (default: client).", valueName: "name"))
    var pathName: String?

    @Option(name: .long, help: ArgumentHelp("When the client's own path segment expires, from now.", valueName: "duration"))
    var expiresIn = "10m"

    @Option(name: .long, help: ArgumentHelp("Refresh this Connection, as printed before; - is standard input.", valueName: "file"))
    var connection: String?

    func validate() throws {
        _ = try NextHopOptions.duration(expiresIn, of: "--expires-in")
        guard service != nil || connection != nil else { throw ValidationError("name the network service with --service") }
        for (option, value) in [("--service", service), ("--id", id), ("--path-name", pathName)] where value == "" {
            throw ValidationError("\(option): expected a name, got nothing")
        }
        if connection != nil, id != nil || pathName != nil {
            throw ValidationError("--id and --path-name are for a new connection; with --connection they stand in the file")
        }
    }

    func run() async throws {
        var request = Networkservice_NetworkServiceRequest()
        request.connection = try connection.map { try ConnectionText.read($0) } ?? fresh()
        if let service { request.connection.networkService = service }
        try setExpiry(of: &request.connection)
        try requested.apply(to: &request)
        let answer = try await nextHop.call(MethodPath.request, try request.serializedBytes())
        try CommandOutput.data(try ConnectionText.print(answer))
    }

    /// A connection whose path is this client alone.
    private func fresh() -> Connection_Connection {
        var connection = Connection_Connection()
        connection.id = id ?? UUID().uuidString.lowercased()
        var segment = Connection_PathSegment()
        segment.name = pathName ?? "client"
        segment.id = connection.id
        connection.path.pathSegments = [segment]
        return connection
    }

    private func setExpiry(of connection: inout Connection_Connection) throws {
        let index = Int(connection.path.index)
        guard connection.path.pathSegments.indices.contains(index) else { return }
        let lifetime = try NextHopOptions.duration(expiresIn, of: "--expires-in")
        let seconds = Double(lifetime.components.seconds) + Double(lifetime.components.attoseconds) / 1e18
        connection.path.pathSegments[index].expires = Google_Protobuf_Timestamp(date: Date(timeIntervalSinceNow: seconds))
    }
}
