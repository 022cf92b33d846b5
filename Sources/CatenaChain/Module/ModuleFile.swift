// SPDX-License-Identifier: Apache-2.0
// What is checked must be what runs, and a file on disk can change at any time. So a module's file is read once, into memory that
// is then sealed, and hash, description and dlopen all work on that. Overwriting the file afterwards changes nothing here, where
// it would end the process with SIGBUS if the file itself were mapped.

internal import CLinux
internal import Glibc
internal import Synchronization

/// A module's bytes, as they were on disk at one moment.
///
/// Two consequences for modules: `$ORIGIN` in a run path does not lead to the module's folder, and debuggers find the code as
/// `/proc/PID/fd/N` or `memfd:libx.so`.
public final class ModuleFile: Sendable {
    /// Where it was found.
    public let path: String
    /// Which file it was; nil for bytes that another process has read.
    public let identity: FileIdentity?
    /// Why others may change the file, where that was permitted.
    public let warning: String?
    /// Of the sealed copy. It stays open for ever once the copy has been loaded: the dynamic loader knows libraries by their
    /// names, and would take the next file with this number for the same one.
    public let descriptor: CInt

    private let isLoaded = Atomic(false)

    /// A file that is larger is no module: 1 GiB.
    private static let largest: Int64 = 1 << 30

    /// Reads a file and seals the copy.
    ///
    /// A symbolic link is followed: modules are often installed behind one. What counts is the file it leads to.
    ///
    /// - Parameter allowWritable: do not refuse a file that others may change; say so in ``warning``.
    /// - Throws: what is wrong with the file, or what kept it from being read.
    public init(path: String, allowWritable: Bool = false) throws(ModuleError) {
        // Without O_NONBLOCK opening a named pipe would wait for its other end.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else { throw ModuleFile.cannotBeRead(path) }
        defer { close(file) }
        var information = stat()
        guard fstat(file, &information) == 0 else { throw ModuleFile.cannotBeRead(path) }
        guard information.st_mode & S_IFMT == S_IFREG else {
            throw ModuleError(.cannotOpen, "\(path): is \(ModuleFile.kind(information.st_mode)), not a regular file: name the library itself")
        }
        let access = WriteAccess()
        let problem = access.problem(ofFile: path, file, information) ?? access.problem(ofFoldersOf: path, file)
        if let problem, !allowWritable {
            throw ModuleError(.writable, "\(path): others may change it: \(problem), or permit it with --allow-writable")
        }
        guard information.st_size <= ModuleFile.largest else {
            throw ModuleError(.cannotOpen, "\(path): has \(information.st_size) bytes, at most \(ModuleFile.largest) are read: name the library itself")
        }
        let copy = try ModuleFile.sealedCopy(of: file, FileIdentity(information), path: path)
        self.path = path
        identity = FileIdentity(information)
        warning = problem.map { "\(path): others may change it: \($0)" }
        descriptor = copy
    }

    /// A sealed copy that another process made, and left open for this one.
    ///
    /// - Parameter path: where the other process found the file.
    public init(inherited descriptor: CInt, path: String) {
        self.path = path
        self.descriptor = descriptor
        identity = nil
        warning = nil
    }

    deinit {
        if !isLoaded.load(ordering: .relaxed) { close(descriptor) }
    }

    /// Lends the bytes.
    public func withBytes<T>(_ body: (UnsafeRawBufferPointer) -> T) throws(ModuleError) -> T {
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw ModuleFile.cannotBeRead(path) }
        let size = Int(information.st_size)
        guard size > 0 else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        // Sealed: nothing that is mapped here can change or be cut off.
        guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
            throw ModuleFile.cannotBeRead(path)
        }
        defer { munmap(base, size) }
        return body(UnsafeRawBufferPointer(start: base, count: size))
    }

    /// Gives the bytes to the dynamic loader, which keeps them for the life of the process.
    func load() throws(ModuleError) -> UnsafeMutableRawPointer {
        // By number and not as "self": so the name also means something to a debugger.
        let link = "/proc/\(WriteAccess.target(of: "/proc/self") ?? "self")/fd/\(descriptor)"
        // NODELETE: unloading a Swift image crashes the process. LOCAL: one module's symbols are not another's.
        guard let handle = dlopen(link, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) else {
            throw ModuleError(.cannotOpen, "\(path): cannot be loaded: \(ModuleFile.loaderMessage(link: link, path: path))")
        }
        isLoaded.store(true, ordering: .relaxed)
        return handle
    }

    private static func sealedCopy(of file: CInt, _ identity: FileIdentity, path: String) throws(ModuleError) -> CInt {
        let name = String((path.split(separator: "/").last ?? "module").prefix(60))
        let copy = clinux_memory_file(name)
        guard copy >= 0 else {
            throw ModuleError(
                .cannotOpen,
                "\(path): cannot be copied into memory: memfd_create: \(String(cString: strerror(errno))): modules are loaded from sealed memory, which needs Linux 3.17 or newer and a sandbox that allows it")
        }
        var isWhole = false
        defer { if !isWhole { close(copy) } }
        var left = Int(identity.size)
        while left > 0 {
            let count = sendfile(copy, file, nil, left)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw cannotBeRead(path) }
            guard count > 0 else { break }
            left -= count
        }
        var after = stat()
        guard fstat(file, &after) == 0 else { throw cannotBeRead(path) }
        guard left == 0, FileIdentity(after) == identity else {
            throw ModuleError(.cannotOpen, "\(path): was changed while it was being read: install modules by renaming a finished file, and try again")
        }
        guard clinux_seal(copy) == 0 else {
            throw ModuleError(.cannotOpen, "\(path): its copy in memory cannot be sealed: \(String(cString: strerror(errno)))")
        }
        isWhole = true
        return copy
    }

    /// From errno.
    private static func cannotBeRead(_ path: String) -> ModuleError {
        let code = errno
        let reason = String(cString: strerror(code))
        return code == ENOENT ? ModuleError(.notFound, "\(path): \(reason)") : ModuleError(.cannotOpen, "\(path): cannot be read: \(reason)")
    }

    private static func kind(_ mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFDIR: "a folder"
        case S_IFIFO: "a named pipe"
        case S_IFSOCK: "a socket"
        default: "a device"
        }
    }

    /// What the dynamic loader said, without the name that our own message begins with.
    private static func loaderMessage(link: String, path: String) -> String {
        guard let message = dlerror() else { return "no reason given" }
        var text = String(cString: message)
        if text.hasPrefix("\(link): ") { text = String(text.dropFirst(link.count + 2)) }
        text = text.replacing(link, with: path)
        let hints = [
            ("ELF", "it is no shared library for this machine"),
            ("file too short", "it is no shared library for this machine"),
            ("undefined symbol", "link the library that has it into the module"),
            (
                "cannot open shared object file",
                "a library that it needs: $ORIGIN does not lead to a module's folder, so install that library where the system looks, or link it into the module"
            ),
        ]
        return hints.first { text.contains($0.0) }.map { "\(text) (\($0.1))" } ?? text
    }
}
