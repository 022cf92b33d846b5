// SPDX-License-Identifier: Apache-2.0
// Two names may be one file, and one name another file than a moment ago. What tells them apart is what the file system says of
// the file itself.

internal import Glibc

/// Which file, in which state.
public struct FileIdentity: Sendable, Hashable, Codable {
    public let device: UInt64
    public let inode: UInt64
    /// In bytes.
    public let size: Int64
    /// When its bytes were last changed, in nanoseconds since 1970.
    public let modified: Int64
    /// When anything of it was last changed, its mode and owner included, in nanoseconds since 1970; nobody can set it back.
    public let changed: Int64

    init(_ information: stat) {
        device = UInt64(information.st_dev)
        inode = UInt64(information.st_ino)
        size = Int64(information.st_size)
        modified = FileIdentity.nanoseconds(information.st_mtim)
        changed = FileIdentity.nanoseconds(information.st_ctim)
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
