// SPDX-License-Identifier: Apache-2.0
// `catena serve`: the host in the foreground, until it is told to stop.

import ArgumentParser
import CatenaHost
import Foundation
import Glibc

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the chains, in the foreground.",
        discussion: """
            Logs to standard error, and says "ready" there when every listener serves.

            SIGNALS
              SIGTERM, SIGINT, SIGHUP  stop: no new calls, those in flight finish
                                       within drainTimeout (of chains.json, 30s
                                       unless set); once more: at once
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
        let signals = Signals.stream([SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2])
        var configuration = options.configuration
        try modules.apply(to: &configuration)
        let host: ChainHost
        do throws(HostError) {
            host = try await ChainHost.start(configuration, logger: CommandOutput.logger)
        } catch {
            throw CommandOutput.failure(error)
        }
        for warning in host.warnings { CommandOutput.note("\(warning)") }
        for serving in host.serving { CommandOutput.note("catena: chain \"\(serving.chain)\" serves on \(serving.url)") }
        CommandOutput.note("catena: ready (process \(getpid()), control socket \(host.controlPath))")

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
