// SPDX-License-Identifier: Apache-2.0
// The process of one liveness check: it reads a connection as JSON from its standard input, and its exit status says whether that is
// alive. What it writes is read and thrown away, so that the end of its output shows its end.
@preconcurrency internal import Glibc  // environ: nobody in a host writes it

/// What is run for a check.
struct CheckCommand: Sendable {
    /// The program first.
    let arguments: [String]
    /// Nanoseconds.
    let timeout: UInt64
}

/// A command that runs. It has to be reaped.
struct CheckProcess {
    let pid: pid_t
    private let input: CInt
    private let output: CInt
    private let deadline: UInt64

    /// Starts it in a group of its own, so that what it starts ends with it.
    /// - Returns: nil: it cannot be started.
    init?(_ command: CheckCommand) {
        var input: [CInt] = [-1, -1], output: [CInt] = [-1, -1]
        let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &input) == 0 else { return nil }
        guard socketpair(AF_UNIX, kind, 0, &output) == 0 else {
            Self.close(input)
            return nil
        }
        let (deadline, overflow) = Self.now.addingReportingOverflow(command.timeout)
        guard let pid = Self.spawn(command.arguments, reading: input[1], writing: output[1]) else {
            Self.close(input + output)
            return nil
        }
        Self.close([input[1], output[1]])
        (self.pid, self.input, self.output) = (pid, input[0], output[0])
        self.deadline = overflow ? .max : deadline
    }

    /// Gives it the connection, and waits for its end.
    /// - Returns: false: its time is up, and it runs on.
    func talk(_ connection: String) -> Bool {
        var unsent = Array(connection.utf8)[...], isSilent = false
        while true {
            let now = Self.now
            guard now < deadline else { return hasEnded }
            var ends = [pollfd(fd: output, events: Int16(POLLIN), revents: 0), pollfd(fd: input, events: Int16(POLLOUT), revents: 0)]
            if isSilent { (ends[0].fd, ends[1].fd) = (-1, -1) }
            if unsent.isEmpty { ends[1].fd = -1 }
            // One that has closed its output and still runs is looked at every millisecond.
            let left = isSilent ? 1 : (deadline - now) / 1_000_000 + 1
            guard poll(&ends, 2, CInt(clamping: left)) >= 0 || errno == EINTR else { return hasEnded }
            if ends[1].revents != 0 { send(&unsent) }
            if ends[0].revents != 0 { isSilent = readAway() }
            if isSilent, hasEnded { return true }
        }
    }

    /// Ends it and all it has started, and forgets it.
    /// - Returns: whether it ended by itself with the status 0.
    func reap() -> Bool {
        Self.kill(pid)
        var status: CInt = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        Self.close([input, output])
        return status == 0
    }

    /// Ends a process, its group included.
    static func kill(_ pid: pid_t) { _ = Glibc.kill(-pid, SIGKILL) }

    // MARK: Both ends

    private func send(_ unsent: inout ArraySlice<UInt8>) {
        let count = unsent.withUnsafeBytes { Glibc.send(input, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL | MSG_DONTWAIT)) }
        if count > 0 { unsent = unsent.dropFirst(count) }
        // It need not read.
        if count < 0, errno != EAGAIN, errno != EINTR { unsent = [] }
        if unsent.isEmpty { shutdown(input, CInt(SHUT_WR)) }
    }

    /// - Returns: whether this was the end.
    private func readAway() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = recv(output, &buffer, buffer.count, CInt(MSG_DONTWAIT))
        return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)
    }

    /// It waits to be reaped.
    private var hasEnded: Bool {
        var info = siginfo_t()
        return waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_signo == SIGCHLD
    }

    // MARK: Parts

    private static func spawn(_ arguments: [String], reading input: CInt, writing output: CInt) -> pid_t? {
        var actions = posix_spawn_file_actions_t(), attributes = posix_spawnattr_t(), signals = sigset_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
        // Not all of a host's sockets close by themselves, and a listener must not live on in what a check has started.
        for descriptor in descriptors { posix_spawn_file_actions_addclose(&actions, descriptor) }
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        var texts = arguments.map { strdup($0) } + [nil]
        defer { for text in texts { free(text) } }
        var pid = pid_t()
        guard let program = texts.first ?? nil, posix_spawnp(&pid, program, &actions, &attributes, &texts, environ) == 0 else { return nil }
        return pid
    }

    /// Everything that this process has open beside the three that a command gets. To close what is not open any more is no error.
    private static var descriptors: [CInt] {
        guard let folder = opendir("/proc/self/fd") else { return [] }
        defer { closedir(folder) }
        var found: [CInt] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if let number = CInt(name), number > STDERR_FILENO { found.append(number) }
        }
        return found
    }

    private static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func close(_ descriptors: [CInt]) {
        for descriptor in descriptors { _ = Glibc.close(descriptor) }
    }
}
