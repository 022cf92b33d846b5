// SPDX-License-Identifier: Apache-2.0
// Paths in chains.json are relative to the file, not to wherever the host was started; and modules lie beside the program. Both
// rules are here.

internal import Glibc

/// Paths as chains.json means them.
enum Paths {
    /// The folder of a file, absolute.
    static func folder(of file: String) -> String {
        let absolute = absolute(file)
        guard let slash = absolute.lastIndex(of: "/"), slash != absolute.startIndex else { return "/" }
        return String(absolute[..<slash])
    }

    /// A path as the user gave it, from the folder where the program was started.
    static func absolute(_ path: String) -> String { absolute(path, in: currentFolder) }

    /// Without the steps that lead nowhere: "modules/./x" is shown as "modules/x".
    static func absolute(_ path: String, in folder: String) -> String {
        let whole = path.hasPrefix("/") ? path : "\(folder)/\(path)"
        return "/" + whole.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    /// Where this program's file lies; modules are found beside it.
    static var executableFolder: String? {
        linkTarget("/proc/self/exe").map { folder(of: $0) }
    }

    /// What a symbolic link points to; nil: it is none, or may not be read.
    static func linkTarget(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static var currentFolder: String {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return String(cString: path)
    }
}
