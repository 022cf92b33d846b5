// SPDX-License-Identifier: Apache-2.0
// The system says of a socket's path only that something on the way is not there or not allowed. What it is, and what to do, is
// found by looking: at the folder for who opens a socket, at the file for who speaks to one.

internal import Glibc

/// Why a Unix socket cannot be opened or reached, in words.
enum SocketPlace {
    /// What keeps a socket from being made at `path`; nil when its folder is not in the way.
    static func obstacle(at path: String) -> String? {
        let folder = Paths.folder(of: path)
        var status = stat()
        guard stat(folder, &status) == 0 else {
            switch errno {
            case ENOENT: return "there is no folder \(folder): make it, or name another path"
            case ENOTDIR: return "\(folder) is no folder, as a part of it is a file: name another path"
            case EACCES: return "user \(geteuid()) may not enter the way to \(folder): name another path, or change the permissions"
            default: return nil
            }
        }
        if status.st_mode & S_IFMT != S_IFDIR { return "\(folder) is a file, not a folder: name another path" }
        if access(folder, W_OK | X_OK) != 0, errno == EACCES {
            return "user \(geteuid()) may not write to the folder \(folder), which belongs to user \(status.st_uid): name another path, or change the permissions"
        }
        return nil
    }

    /// Why nobody answers at `path`, and what to do.
    ///
    /// - Parameters:
    ///   - code: what the system says to a look at the socket; 0 when it is there and may be used.
    ///   - owner: to whom the socket, or the nearest folder that can be seen, belongs.
    static func reasonForSilence(at path: String, code: CInt, owner: uid_t?) -> String {
        switch code {
        case ENOENT, ENOTDIR:
            return "there is no such socket. Start a host with \"catena serve\", or name the one that runs with its --config or --control"
        case EACCES:
            let who = owner.map { "user \($0), who started the host, or root" } ?? "the user who started the host, or root"
            return "user \(geteuid()) may not use that socket. Ask as \(who)"
        default:
            return "a host was there once, or is just starting or stopping. \"catena serve\" makes the socket anew"
        }
    }

    /// As ``reasonForSilence(at:code:owner:)``, with a look at the file.
    static func reasonForSilence(at path: String) -> String {
        let code = access(path, R_OK | W_OK) == 0 ? 0 : errno
        var status = stat()
        let isSeen = stat(path, &status) == 0 || stat(Paths.folder(of: Paths.absolute(path)), &status) == 0
        return reasonForSilence(at: path, code: code, owner: isSeen ? status.st_uid : nil)
    }
}
