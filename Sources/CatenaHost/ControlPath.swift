// SPDX-License-Identifier: Apache-2.0
// Where a host and the commands that speak to it find one another, without being told: beside the config, or in the user's run
// folder where that is not possible.

internal import Glibc

/// The control socket's place.
public enum ControlPath {
    /// A place that a host has chosen.
    struct Choice: Equatable {
        let path: String
        /// The socket's folder, where it was made for it.
        let madeFolder: String?

        /// Removes what was made, for a host that did not start; a folder that something stands in by now stays.
        func discard() {
            if let madeFolder { rmdir(madeFolder) }
        }
    }

    /// The longest path that a Unix socket can have, in bytes.
    private static let longest = 107

    /// Where a host with this configuration listens. Makes the folder.
    static func choose(_ configuration: HostConfiguration) throws(HostError) -> Choice {
        if let path = configuration.controlPath {
            let absolute = Paths.absolute(path)
            return Choice(path: absolute, madeFolder: makeFolder(Paths.folder(of: absolute)))
        }
        for candidate in candidates(configuration) {
            let folder = Paths.folder(of: candidate)
            let choice = Choice(path: candidate, madeFolder: makeFolder(folder))
            if access(folder, W_OK) == 0 { return choice }
            choice.discard()
        }
        throw HostError(
            .unavailable,
            "there is no place for the control socket: \(Paths.folder(of: configuration.configPath))/.catena cannot be written or makes a path too long, and XDG_RUNTIME_DIR gives no other; name one with --control")
    }

    /// Where a host with this configuration is to be found: where a socket is.
    public static func find(_ configuration: HostConfiguration) -> String {
        if let path = configuration.controlPath { return path }
        let candidates = candidates(configuration)
        return candidates.first { access($0, F_OK) == 0 } ?? candidates.first ?? ".catena/control.sock"
    }

    private static func candidates(_ configuration: HostConfiguration) -> [String] {
        var paths = ["\(Paths.folder(of: configuration.configPath))/.catena/control.sock"]
        if let run = configuration.environment["XDG_RUNTIME_DIR"], !run.isEmpty { paths.append("\(run)/catena/control.sock") }
        return paths.filter { $0.utf8.count <= longest }
    }

    /// Only its owner may enter: whoever can write to the socket controls the host.
    ///
    /// - Returns: the folder; nil when it was there, or cannot be made, which shows when the socket is opened.
    private static func makeFolder(_ folder: String) -> String? {
        mkdir(folder, 0o700) == 0 ? folder : nil
    }
}
