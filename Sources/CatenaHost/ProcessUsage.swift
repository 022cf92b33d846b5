// SPDX-License-Identifier: Apache-2.0
// What the process has taken from the machine, so that a leak shows in the status before it hurts.

internal import Glibc

/// Threads, descriptors and memory of this process.
public struct ProcessUsage: Codable, Sendable, Equatable {
    public var threads: Int
    /// Open files, sockets and pipes.
    public var descriptors: Int
    public var residentBytes: Int

    /// As it is now; what the system does not tell is 0.
    init() {
        threads = ProcessUsage.entries("/proc/self/task")
        // One of them is the folder that is being read.
        descriptors = max(0, ProcessUsage.entries("/proc/self/fd") - 1)
        residentBytes = ProcessUsage.residentPages() * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static func entries(_ folder: String) -> Int {
        guard let stream = opendir(folder) else { return 0 }
        defer { closedir(stream) }
        var count = 0
        while let entry = readdir(stream) {
            if entry.pointee.d_name.0 != CChar(bitPattern: UInt8(ascii: ".")) { count += 1 }
        }
        return count
    }

    /// The second figure of /proc/self/statm.
    private static func residentPages() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }
}
