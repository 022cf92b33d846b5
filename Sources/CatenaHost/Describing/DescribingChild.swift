// SPDX-License-Identifier: Apache-2.0
// A describing process as its parent sees it. It is always reaped, whatever it does, and none of its descriptors stays open here.

internal import CatenaChain
internal import CLinux
internal import Glibc

/// A describing process that runs.
struct DescribingChild: ~Copyable {
    /// How it ended.
    enum End: Equatable {
        case status(CInt)
        case signal(CInt)
        /// It had to be ended.
        case stuck
    }

    private let pid: pid_t
    private let reports: CInt
    private let output: CInt
    private var unread: [UInt8] = []
    private var written: [UInt8] = []
    private var isReaped = false

    /// As much of its standard output and error is kept.
    private static let keptOutput = 4096
    /// A line that is longer is no report.
    private static let longestLine = 16 << 20

    /// Starts a program that knows ``DescribingProcess``.
    ///
    /// - Parameter files: it inherits their copies under the numbers they have here.
    /// - Throws: why it cannot be started, as a number of errno.
    init(program: String, files: ArraySlice<ModuleFile>, environment: [String: String]) throws(DescribingFailure) {
        var reports = Pipe()
        var output = Pipe()
        guard reports.open(), output.open() else { throw DescribingFailure(code: errno) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.write, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output.write, STDERR_FILENO)
        // Onto itself: that leaves it open in the child, and only there.
        let inherited = Set([reports.write] + files.map(\.descriptor))
        for descriptor in inherited { posix_spawn_file_actions_adddup2(&actions, descriptor, descriptor) }
        // What others in this process have opened is nothing for a module that nobody knows yet.
        for descriptor in DescribingChild.openDescriptors() where descriptor > STDERR_FILENO && !inherited.contains(descriptor) {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        // In a group of its own, so that what its modules have started ends with it.
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        let arguments =
            ["catena", DescribingProcess.command, "\(reports.write)"] + files.flatMap { ["\($0.descriptor)", $0.path] }
        // A backtrace on the way down takes seconds, and nobody sees it.
        let variables = environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }.map { "\($0.key)=\($0.value)" }
        var pid = pid_t()
        let code = DescribingChild.withCStrings(arguments) { arguments in
            DescribingChild.withCStrings(variables) { posix_spawn(&pid, program, &actions, &attributes, arguments, $0) }
        }
        guard code == 0 else { throw DescribingFailure(code: code) }
        self.pid = pid
        self.reports = reports.takeRead()
        self.output = output.takeRead()
    }

    deinit {
        if !isReaped { _ = DescribingChild.reap(pid, patience: .zero) }
        close(reports)
        close(output)
    }

    /// Waits for its next report.
    ///
    /// - Returns: nil when none has come by the deadline, or none will come any more.
    mutating func nextReport(by deadline: ContinuousClock.Instant) -> DescribingReport? {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                defer { unread.removeFirst(end + 1) }
                return DescribingReport(line: unread[..<end])
            }
            guard unread.count <= DescribingChild.longestLine else { return nil }
            let left = deadline - .now
            guard left > .zero else { return nil }
            var polled = [reports, output].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1
            guard poll(&polled, 2, CInt(clamping: milliseconds)) >= 0 else {
                if errno == EINTR { continue }
                return nil
            }
            if polled[1].revents != 0 { readOutput() }
            guard polled[0].revents != 0 else {
                // Nothing but the end of its output: it has closed that, and may still report.
                if polled[1].revents == Int16(POLLHUP) { usleep(1000) }
                continue
            }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = read(reports, &buffer, buffer.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return nil }
            unread += buffer[..<count]
        }
    }

    /// Ends it, if it does not end by itself.
    ///
    /// - Parameter patience: how long it has for that.
    mutating func end(patience: Duration) -> End {
        let end = DescribingChild.reap(pid, patience: patience)
        isReaped = true
        readOutput()
        return end
    }

    /// The last line that it wrote to its standard output or error.
    var lastWords: String? {
        let lines = written.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        guard let line = lines.last(where: { $0.contains { $0 > 0x20 } }) else { return nil }
        return String(decoding: line.prefix(200), as: UTF8.self)
    }

    private mutating func readOutput() {
        var buffer = [UInt8](repeating: 0, count: DescribingChild.keptOutput)
        while true {
            let count = read(output, &buffer, buffer.count)
            guard count > 0 else { return }
            written = (written + buffer[..<count]).suffix(DescribingChild.keptOutput)
            if count < buffer.count { return }
        }
    }

    private static func reap(_ pid: pid_t, patience: Duration) -> End {
        let deadline = ContinuousClock.now + patience
        var status: CInt = 0
        // While it is not reaped, its number is nobody else's.
        var information = siginfo_t()
        while information.si_signo == 0, ContinuousClock.now < deadline {
            if waitid(P_PID, id_t(pid), &information, WEXITED | WNOHANG | WNOWAIT) == 0, information.si_signo == 0 { usleep(500) }
        }
        kill(-pid, SIGKILL)
        while waitpid(pid, &status, 0) < 0 { if errno != EINTR { return .stuck } }
        let end = End(status)
        return end == .signal(SIGKILL) ? .stuck : end
    }

    private static func openDescriptors() -> [CInt] {
        guard let stream = opendir("/proc/self/fd") else { return [] }
        defer { closedir(stream) }
        var descriptors: [CInt] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let descriptor = CInt(name), descriptor != dirfd(stream) { descriptors.append(descriptor) }
        }
        return descriptors
    }

    private static func withCStrings<T>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> T) -> T {
        let pointers = texts.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers)
    }
}

extension DescribingChild.End {
    fileprivate init(_ status: CInt) {
        self = status & 0x7f == 0 ? .status((status >> 8) & 0xff) : .signal(status & 0x7f)
    }
}

/// Why no describing process could be started.
struct DescribingFailure: Error {
    /// A number of errno.
    let code: CInt
}

/// Both ends of a pipe, closed unless they are taken.
private struct Pipe: ~Copyable {
    private var read: CInt = -1
    private(set) var write: CInt = -1

    /// - Returns: false, with errno set, when there are no descriptors left.
    mutating func open() -> Bool {
        var ends: [CInt] = [-1, -1]
        guard clinux_pipe(&ends) == 0 else { return false }
        (read, write) = (ends[0], ends[1])
        // Only our end: what reads must never wait, and what writes may.
        return fcntl(read, F_SETFL, O_NONBLOCK) == 0
    }

    /// The caller closes it.
    mutating func takeRead() -> CInt {
        defer { read = -1 }
        return read
    }

    deinit {
        if read >= 0 { close(read) }
        if write >= 0 { close(write) }
    }
}
