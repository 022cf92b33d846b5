// SPDX-License-Identifier: Apache-2.0
// A Unix socket leaves a file behind when its process dies, and a file that a live server still answers on looks just the same. The
// rules that tell them apart are here: only a socket that refuses connections is replaced, and only our own file is ever removed.
internal import Glibc

/// The file of a Unix socket that this process has bound, known by device, inode and time of making: a file system gives the inode of
/// a file that was removed to the next one that is made.
struct UnixSocketFile: Sendable {
    private let path: String
    private let device: dev_t
    private let inode: ino_t
    private let made: timespec

    /// Listens on a stream socket at `path`. Done here because a socket that NIO binds removes whatever is at its path when it closes.
    ///
    /// - Returns: the descriptor, which the caller owns.
    /// - Throws: ``GRPCBindError``: a live socket, a file that is no socket, a path that is too long, or the system's refusal.
    static func listen(at path: String, backlog: CInt) throws(GRPCBindError) -> CInt {
        let listener = GRPCListener.address(.unix(path: path))
        let limit = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1
        guard path.utf8.count <= limit else {
            throw GRPCBindError(.invalidAddress, listener, "the path has \(path.utf8.count) bytes, a socket's may have \(limit)")
        }
        try makeRoom(at: path, listener)
        let descriptor = makeSocket()
        guard descriptor >= 0 else { throw GRPCBindError(listener, errno: errno) }
        let result = unsafe withAddress(path) { address, size in unsafe Glibc.bind(descriptor, address, size) }
        // Listening without a pause: a bound socket that does not listen yet looks stale to others.
        if result != 0 || Glibc.listen(descriptor, backlog) != 0 {
            let code = errno
            close(descriptor)
            throw GRPCBindError(listener, errno: code)
        }
        return descriptor
    }

    /// Removes a stale socket.
    private static func makeRoom(at path: String, _ listener: GRPCListener) throws(GRPCBindError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw GRPCBindError(listener, errno: errno)
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw GRPCBindError(.notASocket, listener, "there is a file at that path that is not a socket")
        }
        let descriptor = makeSocket()
        guard descriptor >= 0 else { throw GRPCBindError(listener, errno: errno) }
        defer { close(descriptor) }
        let result = unsafe withAddress(path) { address, size in unsafe connect(descriptor, address, size) }
        switch result == 0 ? 0 : errno {
        case ECONNREFUSED:
            guard unsafe unlink(path) == 0 || errno == ENOENT else { throw GRPCBindError(listener, errno: errno) }
        case ENOENT: return
        case 0, EAGAIN, EINPROGRESS, EPROTOTYPE:
            throw GRPCBindError(.addressInUse, listener, errno: EADDRINUSE, "another process answers on that socket")
        case let code: throw GRPCBindError(listener, errno: code)
        }
    }

    /// A Unix stream socket that blocks nobody and that no child process inherits.
    private static func makeSocket() -> CInt {
        socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    /// Lends `path`, which fits, as a socket address.
    private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        return unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe body(address, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// The file that a successful bind has just made; nil when it is gone already.
    init?(boundAt path: String) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
        self.path = path
        device = status.st_dev
        inode = status.st_ino
        made = status.st_mtim
    }

    /// Removes the file unless another server has put its own in its place.
    func removeIfOurs() {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_dev == device, status.st_ino == inode,
            status.st_mtim.tv_sec == made.tv_sec, status.st_mtim.tv_nsec == made.tv_nsec
        else { return }
        // A file that cannot be removed is stale for the next server, which replaces it.
        _ = unsafe unlink(path)
    }
}
