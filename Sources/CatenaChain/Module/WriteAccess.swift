// SPDX-License-Identifier: Apache-2.0
// A module runs with all the rights of the host, so whoever can change it can do what the host can. Here stands who that may be.
//
// Trusted are root, the user who runs the host, and the owner of the program, who could change the host itself. A file must belong
// to one of them and be writable by nobody else, and so must its folder, where a new file could be put in its place. A folder that
// is sticky, such as /tmp, may be open to all: there nobody replaces another's file. Writable by a group is writable by others,
// unless the group is the owner's private one (which machines with a umask of 002 give each user). The folders above are not
// looked at: who may exchange those can only bring in another file that a trusted user owns, and a "sha256" tells that one, too.

internal import CLinux
internal import Glibc

/// Who may change a file, by what its file system says.
struct WriteAccess {
    private let trusted: Set<uid_t>

    /// As seen by this process.
    init() {
        var program = stat()
        var trusted: Set<uid_t> = [0, geteuid()]
        if stat("/proc/self/exe", &program) == 0 { trusted.insert(program.st_uid) }
        self.trusted = trusted
    }

    /// - Parameter trusted: the users who may change it.
    init(trusted: Set<uid_t>) {
        self.trusted = trusted
    }

    /// Why a file may be changed by others, with the command that ends it; nil: it may not.
    func problem(ofFile path: String, _ descriptor: CInt, _ information: stat) -> String? {
        problem(path, "it", descriptor, information)
    }

    /// The same of the folders that a file lies in: the one it was named in and, through a symbolic link, its own.
    func problem(ofFoldersOf path: String, _ descriptor: CInt) -> String? {
        var folders = [WriteAccess.folder(of: path)]
        if let real = WriteAccess.target(of: "/proc/self/fd/\(descriptor)").map(WriteAccess.folder), real != folders[0] { folders.append(real) }
        for folder in folders {
            let opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            defer { if opened >= 0 { close(opened) } }
            var information = stat()
            guard stat(folder, &information) == 0 else { return "its folder \(folder) cannot be looked at: \(String(cString: strerror(errno)))" }
            if let problem = problem(folder, "its folder \(folder)", opened, information) { return problem }
        }
        return nil
    }

    private func problem(_ path: String, _ subject: String, _ descriptor: CInt, _ information: stat) -> String? {
        let mode = information.st_mode
        guard trusted.contains(information.st_uid) else {
            let owner = WriteAccess.userName(information.st_uid)
            return "\(subject) belongs to the user \(owner), who is neither root nor the one who runs this host: chown it"
        }
        if mode & S_IFMT == S_IFDIR, mode & S_ISVTX != 0 { return nil }
        if mode & S_IWOTH != 0 {
            return "\(subject) is writable by everyone (mode \(WriteAccess.octal(mode))): chmod o-w \(path)"
        }
        if mode & S_IWGRP != 0, !WriteAccess.isPrivate(information.st_gid, of: information.st_uid) || clinux_has_access_list(descriptor) {
            return "\(subject) is writable by the group \(WriteAccess.groupName(information.st_gid)) (mode \(WriteAccess.octal(mode))): chmod g-w \(path)"
        }
        return nil
    }

    /// Is it the group that bears the user's name, is theirs from the start, and has nobody else in it?
    private static func isPrivate(_ group: gid_t, of user: uid_t) -> Bool {
        guard let account = getpwuid(user), account.pointee.pw_gid == group else { return false }
        let name = String(cString: account.pointee.pw_name)
        guard let entry = getgrgid(group), String(cString: entry.pointee.gr_name) == name else { return false }
        guard var member = entry.pointee.gr_mem else { return true }
        while let other = member.pointee {
            if String(cString: other) != name { return false }
            member += 1
        }
        return true
    }

    private static func userName(_ user: uid_t) -> String {
        getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? "\(user)"
    }

    private static func groupName(_ group: gid_t) -> String {
        getgrgid(group).map { String(cString: $0.pointee.gr_name) } ?? "\(group)"
    }

    private static func octal(_ mode: mode_t) -> String { "0" + String(mode & 0o7777, radix: 8) }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// What a symbolic link of /proc leads to.
    static func target(of link: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(link, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
