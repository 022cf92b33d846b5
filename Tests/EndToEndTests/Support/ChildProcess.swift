// SPDX-License-Identifier: Apache-2.0
// A program under test, with its output read as it comes. Waiting means reading: until a text has been seen, or until the end
// of the output, which is the end of the program. Nobody sleeps, and nobody waits for ever.

import Foundation
import Glibc

/// A process that this test started. Whoever makes one ends it, by its id, whatever happens in between.
final class ChildProcess {
    /// How a process ended.
    enum Exit: Equatable, Sendable {
        case status(Int32)
        case signal(Int32)
    }

    /// It did not start, or waiting took longer than any healthy machine needs.
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// Far above what anything here takes, for machines under load.
    static let patience = Duration.seconds(60)

    let pid: pid_t
    /// What it has written so far.
    var output: String { String(decoding: streams[0].bytes, as: UTF8.self) }
    var errors: String { String(decoding: streams[1].bytes, as: UTF8.self) }

    private struct Stream {
        var descriptor: CInt
        var bytes: [UInt8] = []
        var isOpen = true
    }

    private let command: String
    private var streams: [Stream]
    private var exit: Exit?

    /// Starts a program with nothing on its standard input.
    ///
    /// - Parameter folder: where it runs.
    init(_ program: String, _ arguments: [String], in folder: String, environment: [String: String] = [:]) throws {
        command = ([program] + arguments).joined(separator: " ")
        let pipes = try (0..<2).map { _ in try ChildProcess.pipe() }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, pipes[0].write, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, pipes[1].write, STDERR_FILENO)
        // Suites of other targets have sockets open in this process; a child that held one would keep it listening.
        for descriptor in 3..<ChildProcess.descriptorLimit { posix_spawn_file_actions_addclose(&actions, descriptor) }
        let variables = ChildProcess.inherited.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
        var pid = pid_t()
        // env(1) goes to the folder and becomes the program: the process id stays.
        let code = ChildProcess.withCStrings(["env", "-C", folder, program] + arguments) { arguments in
            ChildProcess.withCStrings(variables) { posix_spawnp(&pid, "env", &actions, nil, arguments, $0) }
        }
        for pipe in pipes { close(pipe.write) }
        guard code == 0 else {
            for pipe in pipes { close(pipe.read) }
            throw Failed(description: "\(command): \(String(cString: strerror(code)))")
        }
        self.pid = pid
        streams = pipes.map { Stream(descriptor: $0.read) }
    }

    deinit {
        end()
    }

    /// Reads until `text` has come on standard error.
    func awaitError(_ text: String) throws {
        try read(for: "\"\(text)\"") { self.errors.contains(text) }
    }

    /// Reads until `text` has come on standard output.
    func awaitOutput(_ text: String) throws {
        try read(for: "\"\(text)\"") { self.output.contains(text) }
    }

    /// Reads to the end.
    @discardableResult
    func awaitExit(within limit: Duration = ChildProcess.patience) throws -> Exit {
        try read(for: "its end", within: limit) { false }
        return reap()
    }

    func signal(_ number: CInt) {
        if exit == nil { kill(pid, number) }
    }

    /// Ends the process at once, if it has not ended by itself.
    func end() {
        signal(SIGKILL)
        signal(SIGCONT)
        _ = reap()
        for index in streams.indices where streams[index].descriptor >= 0 {
            close(streams[index].descriptor)
            streams[index].descriptor = -1
        }
    }

    private func reap() -> Exit {
        if let exit { return exit }
        var status: CInt = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let ended = status & 0x7f == 0 ? Exit.status((status >> 8) & 0xff) : .signal(status & 0x7f)
        exit = ended
        return ended
    }

    /// Returns when `isDone`, or at the end of all output; that is an error only if something else was waited for.
    private func read(for what: String, within limit: Duration = ChildProcess.patience, until isDone: () -> Bool) throws {
        let deadline = ContinuousClock.now + limit
        while !isDone() {
            var polled = streams.filter(\.isOpen).map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
            guard !polled.isEmpty else {
                if what == "its end" { return }
                throw Failed(description: "\(command): ended (\(reap())) before it said \(what):\n\(errors)")
            }
            let left = (deadline - ContinuousClock.now).components
            let milliseconds = CInt(left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000)
            guard milliseconds > 0, poll(&polled, nfds_t(polled.count), milliseconds) != 0 else {
                throw Failed(description: "\(command): waited for \(what) in vain:\n\(errors)")
            }
            for ready in polled where ready.revents != 0 { readOnce(ready.fd) }
        }
    }

    private func readOnce(_ descriptor: CInt) {
        guard let index = streams.firstIndex(where: { $0.descriptor == descriptor }) else { return }
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count > 0 { streams[index].bytes += buffer[..<count] } else if count == 0 || errno != EINTR { streams[index].isOpen = false }
    }

    private static func pipe() throws -> (read: CInt, write: CInt) {
        var ends: [CInt] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw Failed(description: "pipe: \(String(cString: strerror(errno)))") }
        return (ends[0], ends[1])
    }

    /// Above every descriptor that this process has now, and will have in a moment.
    private static var descriptorLimit: CInt {
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return (open.compactMap { CInt($0) }.max() ?? 255) + 64
    }

    /// A crash on purpose needs no backtrace, which would take seconds.
    private static var inherited: [String: String] {
        var variables: [String: String] = ["SWIFT_BACKTRACE": "enable=no"]
        for name in ["PATH", "HOME", "LD_LIBRARY_PATH", "TMPDIR", "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"] {
            if let value = getenv(name) { variables[name] = String(cString: value) }
        }
        return variables
    }

    private static func withCStrings<T>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> T) -> T {
        let pointers = texts.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers)
    }
}
