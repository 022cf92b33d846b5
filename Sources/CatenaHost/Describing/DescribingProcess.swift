// SPDX-License-Identifier: Apache-2.0
// The other side of ChildDescriber: a process whose only purpose is to open modules, and to be lost if one of them is bad.

internal import CatenaChain
internal import CLinux
internal import Glibc

/// What `catena describe-modules` does.
public enum DescribingProcess {
    /// The hidden command that runs it: `catena describe-modules REPORT [FILE PATH]...`, where REPORT and each FILE are descriptors
    /// that the parent left open.
    public static let command = "describe-modules"

    /// Describes the files and ends the process.
    ///
    /// - Parameter arguments: what follows the command.
    /// - Returns: only when the arguments are not those of a parent.
    public static func run(_ arguments: [String]) {
        guard let report = arguments.first.flatMap(CInt.init), report > STDERR_FILENO, arguments.count > 1, arguments.count % 2 == 1 else { return }
        var files: [ModuleFile] = []
        for index in stride(from: 1, to: arguments.count, by: 2) {
            guard let descriptor = CInt(arguments[index]), descriptor > STDERR_FILENO else { return }
            files.append(ModuleFile(inherited: descriptor, path: arguments[index + 1]))
        }
        // A hung module must not outlive whoever waits for it.
        clinux_die_with_parent()
        for (index, file) in files.enumerated() {
            tell(.opening(index), to: report)
            do throws(ModuleError) {
                let module = try Module(file: file) { tell(.asking(index), to: report) }
                tell(.described(index, module.description), to: report)
            } catch {
                tell(.refused(index, error), to: report)
            }
        }
        // What modules want done at exit is not for this process.
        _exit(0)
    }

    private static func tell(_ report: DescribingReport, to descriptor: CInt) {
        guard let line = try? report.line() else { _exit(70) }
        var rest = line[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // The parent has gone, or the module has closed what is not its own; the parent finds words for that.
            guard count > 0 else { _exit(74) }
            rest = rest.dropFirst(count)
        }
    }
}
