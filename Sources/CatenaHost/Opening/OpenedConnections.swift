// SPDX-License-Identifier: Apache-2.0
// All connections that the chains of a host open: begun when the engine has started, closed before it stops, and known to whoever
// asks meanwhile. A host is ready when all of them have been up once.

internal import CatenaChain
internal import CatenaConfig
internal import CatenaNSM
internal import FoundationEssentials
internal import Logging
internal import NIOCore

/// The client role of a host.
final class OpenedConnections: Sendable {
    private enum Event: Sendable {
        case changed
        /// It is time to say again what is waited for.
        case reminder
    }

    /// How often is said what is waited for.
    private static let reminderTime = TimeAmount.seconds(10)

    let all: [OpenedConnection]
    private let loops: [NIOLoop]
    private let events: AsyncStream<Event>
    private let tell: AsyncStream<Event>.Continuation

    /// - Parameter made: the engine, with the loops among which the connections are dealt out.
    init(_ file: ChainsFile, _ made: ChainEngine, logger: Logger) {
        var all: [OpenedConnection] = []
        for definition in file.chains {
            guard let chain = made.engine.chain(named: definition.name) else { continue }
            for connection in definition.open {
                let loop = made.loops[all.count % made.loops.count]
                guard let home = made.engine.home(of: loop) else { continue }
                all.append(
                    OpenedConnection(
                        connection, id: connection.id ?? UUID().uuidString.lowercased(), chain: chain, engine: made.engine, loop: loop,
                        home: home, closeTimeout: file.closeTimeout.nanoseconds, logger: logger))
            }
        }
        self.all = all
        loops = made.loops
        (events, tell) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingNewest(8))
    }

    /// Asks for every connection.
    func begin() {
        guard !all.isEmpty else { return }
        for connection in all { connection.begin { [tell] in tell.yield(.changed) } }
        remindLater()
    }

    /// Waits until all are up. Called once, by one.
    ///
    /// - Parameter progress: told what is waited for and why: once something is known of each connection, and every 10 s from then on.
    /// - Returns: false: the host stops.
    func waitUntilUp(_ progress: (String) -> Void) async -> Bool {
        guard !all.isEmpty else { return true }
        var isTold = false
        for await event in events {
            let openings = all.map(\.opening)
            if openings.allSatisfy({ $0.phase == .up }) { return true }
            let isKnown = openings.allSatisfy { $0.phase == .up || $0.failures > 0 }
            guard event == .reminder || isKnown && !isTold else { continue }
            isTold = true
            progress(Self.waiting(for: all))
        }
        return false
    }

    /// Closes what was ever asked for, each within the time of a Close.
    func close() async {
        tell.finish()
        await withTaskGroup(of: Void.self) { tasks in
            for connection in all {
                tasks.addTask {
                    await withCheckedContinuation { continuation in connection.stop { continuation.resume() } }
                }
            }
        }
    }

    private func remindLater() {
        loops[0].eventLoop.scheduleTask(in: Self.reminderTime) { [weak self] in
            guard let self, !self.all.allSatisfy({ $0.opening.phase == .up }) else { return }
            if case .terminated = self.tell.yield(.reminder) { return }
            self.remindLater()
        }
    }

    /// Most connections that one line names.
    private static let mostNamed = 5

    private static func waiting(for all: [OpenedConnection]) -> String {
        let missing = all.filter { $0.opening.phase != .up }
        var parts = missing.prefix(mostNamed).map { connection in
            "\(connection.definition.service) (\(connection.id)) of chain \"\(connection.chain.name)\": "
                + (connection.opening.lastError ?? "no answer yet")
        }
        if missing.count > mostNamed { parts.append("and \(missing.count - mostNamed) more") }
        return "waiting for \(missing.count) of \(counted(all.count, "connection")): \(parts.joined(separator: "; "))".singleLine
    }
}
