// SPDX-License-Identifier: Apache-2.0
// `catena load`: how many Requests a server answers, and how fast. What it does with connections is what a client would do.

import ArgumentParser
import CatenaLoad
import CatenaNSM
import Foundation
import Glibc
import NIOCore
import NIOPosix
import SwiftProtobuf

struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Put load on an NSM server, and measure its answers.",
        discussion: """
            Opens connections, refreshes them in turn with a fixed number of calls in
            flight, and closes them. A refresh sends the connection that the last answer
            returned; a connection has one call at a time. Refreshes are what is measured.

            Of each answer the status, the id and the path are looked at: the path must
            begin with the client's segment, and have as many segments as before or more.

            Latencies are those of good answers, from a call's beginning to its answer,
            within 1 %. Each answer makes room for the next call, so a server that
            is slow gets fewer. After a call that no server answered, its place
            rests for 10 ms.

            Ctrl-C ends the load early: the connections are closed, the report is
            printed. A second Ctrl-C ends at once, and may leave connections open.

            EXAMPLES
              catena load --url tcp://127.0.0.1:5001
              catena load --url tcp://127.0.0.1:5001 --connections 1000 \\
                --concurrency 100 --duration 30s --service icmp --label app=web
              catena load --url unix:///run/nsm.sock --requests 100000 --json
              catena load --url tcp://127.0.0.1:8080 --unchecked   (an echo server)

            KEYS OF --json
              url, connections, concurrency, transports, unchecked
              interrupted           ended by a signal before its time
              opened, requests, closed
                                    ok, failed, elapsedMicroseconds
              requestsPerSecond     of those that are ok
              latencyMicroseconds   min, mean, p50, p90, p99, p99.9, max;
                                    null when no request is ok
              bytesSent, bytesReceived
                                    of the requests' messages, without HTTP/2
              errors                part (open, request or close), count, message
                                    of the first, name: a gRPC status code, or
                                    "wrong id", "wrong path", "lost segments" or
                                    "unreadable answer"

            EXIT STATUS
              0 no errors, 1 errors or no server, 64 wrong usage
            """)

    @OptionGroup var nextHop: NextHopOptions

    @OptionGroup var size: LoadSizeOptions

    @Option(name: .long, help: ArgumentHelp("The network service.", valueName: "name"))
    var service = "load"

    @OptionGroup var requested: RequestedOptions

    @Option(
        name: .long,
        help: ArgumentHelp("When the client's own path segment expires; set anew half-way.", valueName: "duration"))
    var expiresIn = "10m"

    @Flag(name: .long, help: "Print the report as one JSON object.")
    var json = false

    @Flag(
        inversion: .prefixedNo,
        help: "Tell each second how far the load is, on standard error (default: on a terminal, in one line that changes).")
    var progress: Bool?

    func validate() throws {
        _ = try plan()
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let run = LoadRun(try plan(), on: MultiThreadedEventLoopGroup.singleton.any())
        let signals = LoadSignals(run)
        let line = ProgressLine(wanted: progress)
        let report: LoadReport
        do {
            report = try await run.start { line?.show($0.text) }.get()
        } catch {
            line?.clear()
            CommandOutput.note("catena: error: \(error)")
            throw ExitCode(1)
        }
        line?.clear()
        withExtendedLifetime(signals) {}
        try CommandOutput.data(json ? Self.encode(report) : report.text)
        if report.hasErrors { throw ExitCode(1) }
    }

    private func plan() throws -> LoadPlan {
        let (target, size) = (try nextHop.target, try size.size())
        var plan: LoadPlan
        do throws(LoadPlan.Problem) {
            plan = try LoadPlan(target: target, size: size)
        } catch {
            throw ValidationError("\(error)")
        }
        plan.timeout = try NextHopOptions.amount(nextHop.timeout, of: "--timeout")
        plan.request.lifetime = try NextHopOptions.amount(expiresIn, of: "--expires-in")
        var template = Networkservice_NetworkServiceRequest()
        template.connection.networkService = service
        try requested.apply(to: &template)
        plan.request.template = try template.serializedBytes()
        return plan
    }

    private static func encode(_ report: LoadReport) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
    }
}
