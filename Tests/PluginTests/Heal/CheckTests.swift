// SPDX-License-Identifier: Apache-2.0
// Real processes that check a connection: their status counts, their time is bounded, and none is left behind.
internal import Foundation
internal import Testing

@testable internal import HealElement

@Suite("Checks")
struct CheckTests {
    private func checks(_ command: [String], timeout: Duration = .seconds(600)) -> Checks {
        var config = LivenessConfig()
        (config.command, config.timeout) = (command, timeout)
        return Checks(config)
    }

    private func ask(_ checks: Checks, _ connection: String = "{}") async -> Bool {
        await withCheckedContinuation { continuation in
            _ = checks.begin(connection) { continuation.resume(returning: $0) }
        }
    }

    @Test(
        "the status counts: 0 is alive, all else is not, nor is what cannot be started",
        arguments: [
            (["true"], true), (["false"], false), (["sh", "-c", "exit 3"], false), (["sh", "-c", "kill -9 $$"], false),
            (["/no/such/program"], false),
        ])
    func status(command: [String], isAlive: Bool) async {
        #expect(await ask(checks(command)) == isAlive)
    }

    @Test("the command reads the connection, whatever it writes meanwhile", arguments: [10, 1_000_000])
    func input(size: Int) async {
        let text = String(repeating: "x", count: size)
        let command = ["sh", "-c", "yes | head -c 300000; test $(wc -c) -eq \(size)"]
        #expect(await ask(checks(command), text))
    }

    @Test("one that does not read is not waited for", arguments: [["true"], ["sh", "-c", "exec <&- ; sleep 0.05"]])
    func unread(command: [String]) async {
        #expect(await ask(checks(command), String(repeating: "x", count: 1_000_000)))
    }

    @Test("one that closes its output may run on, and its status still counts")
    func silent() async {
        #expect(await !ask(checks(["sh", "-c", "exec >&- 2>&-; sleep 0.05; exit 1"])))
        #expect(await ask(checks(["sh", "-c", "exec >&- 2>&-; sleep 0.05; exit 0"])))
    }

    @Test("one whose time is up is not alive, and is killed with all it has started")
    func timeout() async throws {
        let folder = try TemporaryFolder()
        #expect(await !ask(checks(["sh", "-c", "echo $$ > \(folder.path("pid")); sleep 600 & sleep 600"], timeout: .milliseconds(300))))
        let pid = try #require(folder.lines("pid").first.flatMap { pid_t($0) })
        #expect(kill(pid, 0) == -1 && errno == ESRCH)
        // Those it has started are somebody else's to reap; they are not there as a group any more, or are about to go.
        while kill(-pid, 0) == 0 { try await Task.sleep(for: .milliseconds(2)) }
    }

    @Test("one that has ended well is alive, although what it has started holds its output")
    func daemon() async {
        #expect(await ask(checks(["sh", "-c", "sleep 600 & exit 0"], timeout: .milliseconds(300))))
    }

    @Test("one that is ended is killed and says nothing; one that waits is not begun")
    func cancel() async throws {
        let folder = try TemporaryFolder(), checks = checks(["sh", "-c", "echo $$ >> \(folder.path("pid")); exec sleep 600"])
        let running = (0..<Checks.parallel).map { _ in checks.begin("{}") { _ in Issue.record("it was ended") } }
        let waiting = checks.begin("{}") { _ in Issue.record("it was ended") }
        while folder.lines("pid").count < Checks.parallel { try await Task.sleep(for: .milliseconds(2)) }
        waiting.cancel()
        for check in running { check.cancel() }
        while checks.threads > 0 { try await Task.sleep(for: .milliseconds(2)) }
        #expect(folder.lines("pid").count == Checks.parallel)
        for pid in folder.lines("pid").compactMap({ pid_t($0) }) { #expect(kill(pid, 0) == -1) }
    }

    @Test("many are served by few threads, which end when there is nothing to do")
    func many() async throws {
        let checks = checks(["true"])
        let alive = await withTaskGroup { group in
            for _ in 0..<40 { group.addTask { await ask(checks) } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(alive == 40 && checks.threads <= Checks.parallel)
        while checks.threads > 0 { try await Task.sleep(for: .milliseconds(2)) }
    }
}

/// A folder that goes with the test.
struct TemporaryFolder: ~Copyable {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("heal-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// The lines of a file that are not empty; none: there is no such file.
    func lines(_ name: String) -> [String] {
        let text = (try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }
}
