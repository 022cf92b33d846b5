// SPDX-License-Identifier: Apache-2.0
// `catena serve`: the host in the foreground, until it is told to stop.

import ArgumentParser
import CatenaHost
import Foundation
import Glibc
import Synchronization

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the chains, in the foreground.",
        discussion: """
            Logs to standard error, and says "ready" there when every listener serves
            and every connection that a chain opens ("open" in chains.json) is up; until
            then it says what it waits for, and why.

            SIGNALS
              SIGTERM, SIGINT, SIGHUP  stop: no new calls, those in flight finish
                                       within drainTimeout (of chains.json, 30s
                                       unless set), and what chains have opened
                                       is closed within closeTimeout; once more:
                                       at once. Before the listeners serve: at
                                       once, as the signal does
              SIGUSR1                  log everything that elements have to say
              SIGUSR2                  log as configured

            EXAMPLES
              catena serve
              catena serve --config /etc/catena/chains.json
              catena serve --control /run/catena/control.sock
            """)

    @OptionGroup var options: HostOptions

    @OptionGroup var modules: ModuleOptions

    func run() async throws {
        // Whoever read the log may go; the host stays.
        signal(SIGPIPE, SIG_IGN)
        // A module may hold up the start for as long as it likes, and the thread that it runs on; it must not hold up the operator.
        let hasStarted = Started()
        let signals = Signals.stream([SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2]) { signal in
            guard signal != SIGUSR1, signal != SIGUSR2, !hasStarted.flag.load(ordering: .acquiring) else { return false }
            CommandOutput.note("catena: stopped before it was ready")
            Signals.end(by: signal)
        }
        var configuration = options.configuration
        try modules.apply(to: &configuration)
        let host: ChainHost
        do throws(HostError) {
            host = try await ChainHost.start(configuration, logger: CommandOutput.logger)
        } catch {
            throw CommandOutput.failure(error)
        }
        hasStarted.flag.store(true, ordering: .releasing)
        for warning in host.warnings { CommandOutput.note("\(warning)") }
        for serving in host.serving { CommandOutput.note("catena: chain \"\(serving.chain)\" serves on \(serving.url)") }
        // The signals that come meanwhile are heard below.
        let readiness = Task {
            guard await host.waitUntilUp({ CommandOutput.note("catena: \($0)") }) else { return }
            CommandOutput.note("catena: ready (process \(getpid()), control socket \(host.controlPath))")
        }
        defer { readiness.cancel() }

        var stopping: Task<Void, Never>?
        for await signal in signals {
            switch signal {
            case SIGUSR1:
                host.setVerbose(true)
                CommandOutput.note("catena: logging everything")
            case SIGUSR2:
                host.setVerbose(false)
                CommandOutput.note("catena: logging as configured")
            default:
                guard stopping == nil else {
                    CommandOutput.note("catena: stopping at once")
                    host.cut()
                    continue
                }
                CommandOutput.note("catena: stopping")
                stopping = Task {
                    await host.stop()
                    CommandOutput.note("catena: stopped")
                    Foundation.exit(0)
                }
            }
        }
    }
}

/// Whether there is a host to stop; shared with the thread that receives signals.
private final class Started: Sendable {
    let flag = Atomic(false)
}
