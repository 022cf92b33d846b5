// SPDX-License-Identifier: Apache-2.0
// Who listens at an address. Linux tells it in two steps: /proc/net knows the socket's inode, and the process that has that
// inode open is found in /proc/PID/fd, as far as we may look.

internal import CatenaGRPC
internal import Glibc

/// A process that holds a listening socket.
struct SocketHolder: Equatable {
    let pid: Int
    let name: String

    /// - Returns: nil when nobody is seen: it may be another user's process.
    static func find(_ address: GRPCAddress) -> SocketHolder? {
        let inodes: Set<String>
        switch address {
        case .tcp(_, let port): inodes = listeningInodes("/proc/net/tcp", port).union(listeningInodes("/proc/net/tcp6", port))
        case .unix(let path): inodes = unixInodes(path)
        }
        guard !inodes.isEmpty else { return nil }
        for entry in names(in: "/proc") {
            guard let pid = Int(entry), names(in: "/proc/\(pid)/fd").contains(where: { holds(pid, $0, inodes) }) else { continue }
            return SocketHolder(pid: pid, name: text("/proc/\(pid)/comm").split(separator: "\n").first.map(String.init) ?? "?")
        }
        return nil
    }

    /// Columns of /proc/net/tcp: 1 local address in hex, 3 state (0A is LISTEN), 9 inode.
    private static func listeningInodes(_ file: String, _ port: Int) -> Set<String> {
        let suffix = ":" + hexadecimal(port)
        let rows = text(file).split(separator: "\n").map { $0.split(separator: " ") }
        return Set(rows.filter { $0.count > 9 && $0[1].hasSuffix(suffix) && $0[3] == "0A" }.map { String($0[9]) })
    }

    /// Columns of /proc/net/unix: 6 inode, 7 path.
    private static func unixInodes(_ path: String) -> Set<String> {
        let rows = text("/proc/net/unix").split(separator: "\n").map { $0.split(separator: " ", maxSplits: 7) }
        return Set(rows.filter { $0.count > 7 && $0[7] == path }.map { String($0[6]) })
    }

    private static func hexadecimal(_ port: Int) -> String {
        let digits = String(port, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private static func holds(_ pid: Int, _ descriptor: String, _ inodes: Set<String>) -> Bool {
        guard let target = Paths.linkTarget("/proc/\(pid)/fd/\(descriptor)"), target.hasPrefix("socket:["), target.hasSuffix("]")
        else { return false }
        return inodes.contains(String(target.dropFirst(8).dropLast()))
    }

    private static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { name in
                    name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names
    }

    private static func text(_ file: String) -> String {
        guard let stream = fopen(file, "r") else { return "" }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
