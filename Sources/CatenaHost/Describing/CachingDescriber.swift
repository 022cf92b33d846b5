// SPDX-License-Identifier: Apache-2.0
// What a file offers does not change while the file does not, so a host that starts again need not ask again. Only good answers are
// kept: a crash, a refusal or a module that hung may have had its reason outside of the file, and is told afresh each time.

public import CatenaChain
internal import FoundationEssentials
internal import Glibc

/// Remembers what another describer has said, in a file of the user's own.
///
/// A cache that cannot be read or written is no error: it is as if it were empty.
public struct CachingDescriber: ModuleDescriber {
    private let describer: any ModuleDescriber
    /// nil: nowhere to keep anything.
    private let path: String?

    /// Files that are remembered, the latest ones.
    static let mostEntries = 512
    private static let largestFile = 16 << 20

    /// - Parameters:
    ///   - describer: who is asked about new files.
    ///   - folder: where the cache lies; made when there is something to keep. nil: it keeps nothing.
    public init(_ describer: any ModuleDescriber, folder: String?) {
        self.describer = describer
        path = folder.map { "\($0)/modules.json" }
    }

    /// `$XDG_CACHE_HOME/catena`, or `~/.cache/catena`.
    public static func folder(_ environment: [String: String]) -> String? {
        if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") { return "\(cache)/catena" }
        if let home = environment["HOME"], home.hasPrefix("/") { return "\(home)/.cache/catena" }
        return nil
    }

    public func describe(_ files: [ModuleFile]) -> [Result<ModuleDescription, ModuleError>] {
        var known = read()
        let remembered = files.map { file in file.identity.flatMap { identity in known.entries.first { $0.file == identity }?.description } }
        let fresh = zip(files, remembered).filter { $1 == nil }.map(\.0)
        var answers = fresh.isEmpty ? [] : describer.describe(fresh)[...]
        var new: [Contents.Entry] = []
        let results = zip(files, remembered).map { file, remembered -> Result<ModuleDescription, ModuleError> in
            if let remembered { return .success(remembered) }
            let answer = answers.removeFirst()
            if case .success(let description) = answer, let identity = file.identity {
                new.append(Contents.Entry(file: identity, description: description))
            }
            return answer
        }
        if !new.isEmpty {
            known.entries = Array((new + known.entries).prefix(CachingDescriber.mostEntries))
            write(known)
        }
        return results
    }

    private struct Contents: Codable {
        struct Entry: Codable {
            let file: FileIdentity
            let description: ModuleDescription
        }

        /// Of the host that has written it; another host may see more in a module, or less.
        var host: String = Contents.thisHost
        /// The latest first.
        var entries: [Entry] = []

        static let thisHost = "catena \(CatenaVersion.current), element ABI \(Module.abi)"
    }

    /// Only what this user alone could have written.
    private func read() -> Contents {
        guard let path else { return Contents() }
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return Contents() }
        defer { close(file) }
        var information = stat()
        guard fstat(file, &information) == 0, information.st_mode & S_IFMT == S_IFREG, information.st_uid == geteuid(),
            information.st_mode & 0o022 == 0, information.st_size <= CachingDescriber.largestFile
        else { return Contents() }
        var bytes = [UInt8](repeating: 0, count: Int(information.st_size))
        guard Glibc.read(file, &bytes, bytes.count) == bytes.count,
            let contents = try? JSONDecoder().decode(Contents.self, from: Data(bytes)), contents.host == Contents.thisHost
        else { return Contents() }
        return contents
    }

    /// In one step, so that no other host sees a half of it.
    private func write(_ contents: Contents) {
        guard let path, let bytes = try? JSONEncoder().encode(contents), bytes.count <= CachingDescriber.largestFile else { return }
        let folder = Paths.folder(of: path)
        guard (try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])) != nil
        else { return }
        let draft = "\(path).\(getpid())"
        unlink(draft)
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return }
        let isWhole = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) } == bytes.count
        close(file)
        if !isWhole || rename(draft, path) != 0 { unlink(draft) }
    }
}
