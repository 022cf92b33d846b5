// SPDX-License-Identifier: Apache-2.0
// `catena monitor`: a subscriber for the command line. It stays subscribed, whatever becomes of the host, until it is told to end.

import ArgumentParser
import CatenaGRPC
import CatenaHost
import CatenaNSM
import Foundation
import NIOCore
import NIOPosix
import SwiftProtobuf

struct MonitorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "monitor",
        abstract: "Print what an NSM server says of its connections, as it says it.",
        discussion: """
            First comes what is there, then each change. A stream that is lost is
            told on standard error and opened again, and what is there comes anew.
            Ctrl-C ends it.

            EXAMPLES
              catena monitor --url tcp://127.0.0.1:5001
              catena monitor --url unix:///run/nsm.sock --service icmp
              catena monitor --url tcp://127.0.0.1:5001 --segment client=my-id
              catena monitor --url tcp://127.0.0.1:5001 --format json | jq .type
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Option(name: .long, help: ArgumentHelp("The NSM server: tcp://host:port or unix:///path.", valueName: "url"))
    var url: String

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only connections whose path has a segment of this name and, if it is given, this id. Repeated: segments that follow one another.",
            valueName: "name[=id]"))
    var segment: [String] = []

    @Option(name: .long, help: ArgumentHelp("Only connections of this network service. Repeated: of any of them.", valueName: "name"))
    var service: [String] = []

    @Option(name: .long, help: "text, or json: one object for each event, in a line.")
    var format = Format.text

    @Flag(name: .long, help: "End with status 1 when the stream is lost.")
    var once = false

    func validate() throws {
        _ = try NextHopOptions.target(url)
        guard !service.contains("") else { throw ValidationError("--service: expected a name, got nothing") }
        guard !segment.contains(where: { $0.isEmpty || $0 == "=" }) else { throw ValidationError("--segment: expected name or name=id, got nothing") }
    }

    func run() async throws {
        let selector: [UInt8] = try selector.serializedBytes()
        let watch = MonitorWatch(target: try NextHopOptions.target(url), selector: selector, isJSON: format == .json)
        let end = await withTaskGroup(of: ExitCode.self) { tasks in
            tasks.addTask {
                for await _ in Signals.stream([SIGINT, SIGTERM, SIGHUP]) { break }
                return .success
            }
            tasks.addTask { await watch.run(once: once) }
            defer { tasks.cancelAll() }
            return await tasks.next() ?? .success
        }
        guard end == .success else { throw end }
    }

    private var selector: Connection_MonitorScopeSelector {
        var selector = Connection_MonitorScopeSelector()
        selector.networkServices = service
        selector.pathSegments = segment.map { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            var segment = Connection_PathSegment()
            segment.name = String(parts[0])
            if parts.count > 1 { segment.id = String(parts[1]) }
            return segment
        }
        return selector
    }
}
