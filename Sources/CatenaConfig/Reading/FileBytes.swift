// SPDX-License-Identifier: Apache-2.0
//
// Reads at most so many bytes of whatever the path names, so that a device or a pipe given by mistake cannot fill the memory.
// Straight system calls: Foundation would read it all first, and would turn "No such file or directory" into a paragraph.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Reads files of bounded size.
enum FileBytes {
    /// The system's words for why a file cannot be read, such as `Permission denied`.
    struct ReadError: Error {
        let reason: String

        fileprivate static var last: ReadError { ReadError(reason: String(cString: strerror(errno))) }
    }

    /// The bytes of the file, or its first `limit + 1` when it is longer.
    static func read(_ path: String, limit: Int) throws(ReadError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while bytes.count <= limit {
            let wanted = min(chunk.count, limit + 1 - bytes.count)
            let count = chunk.withUnsafeMutableBytes { systemRead(descriptor, $0.baseAddress, wanted) }
            if count < 0 {
                if errno == EINTR { continue }
                throw .last
            }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return bytes
    }
}

/// `read(2)`, under a name that does not hide behind `FileBytes.read`.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}
