// SPDX-License-Identifier: Apache-2.0
// One process describes all modules, one after the other; if it is lost to one of them, the next process goes on behind that one.
// So twenty good modules cost one process, and each bad one costs one more.

public import CatenaChain
internal import Glibc

/// Has modules described by another process.
///
/// What a module has started before it was described (a thread, say) may end the process later, while another module is being
/// described, which then gets the blame. Nothing is lost by it but the right name.
public struct ChildDescriber: ModuleDescriber {
    /// How long opening a module, and asking it, may take each. Far more than a healthy module needs, on a busy machine too.
    public static let defaultTimeout = Duration.seconds(5)

    private let program: String
    private let timeout: Duration
    private let environment: [String: String]

    /// How long the process may take until it is about to open its first module.
    private static let startTimeout = Duration.seconds(30)

    /// - Parameters:
    ///   - program: a program whose command ``DescribingProcess/command`` calls ``DescribingProcess/run(_:)``. The default is the
    ///     one that runs now, even if its file has been replaced.
    ///   - timeout: see ``defaultTimeout``.
    ///   - environment: of the process.
    public init(program: String = "/proc/self/exe", timeout: Duration = defaultTimeout, environment: [String: String]) {
        self.program = program
        self.timeout = timeout
        self.environment = environment
    }

    public func describe(_ files: [ModuleFile]) -> [Result<ModuleDescription, ModuleError>] {
        describeCounting(files).results
    }

    /// Also says how many processes it took.
    func describeCounting(_ files: [ModuleFile]) -> (results: [Result<ModuleDescription, ModuleError>], processes: Int) {
        var results: [Result<ModuleDescription, ModuleError>] = []
        var processes = 0
        while results.count < files.count {
            let begun = results.count
            do throws(DescribingFailure) {
                results += try describe(some: files[begun...])
                processes += 1
            } catch {
                results.append(contentsOf: files[begun...].map { .failure(ChildDescriber.noProcess($0, String(cString: strerror(error.code)))) })
            }
        }
        return (results, processes)
    }

    /// Runs one process to its end.
    ///
    /// - Returns: answers for the first files, at least for one.
    private func describe(some files: ArraySlice<ModuleFile>) throws(DescribingFailure) -> [Result<ModuleDescription, ModuleError>] {
        var child = try DescribingChild(program: program, files: files, environment: environment)
        var results: [Result<ModuleDescription, ModuleError>] = []
        /// What it is at, with the file that `results.count` numbers.
        var stage: Stage?
        var deadline = ContinuousClock.now + ChildDescriber.startTimeout
        reading: while results.count < files.count, let report = child.nextReport(by: deadline) {
            switch report {
            case .opening(results.count): stage = .opening
            case .asking(results.count): stage = .asking
            case .described(results.count, let description):
                stage = nil
                results.append(.success(description))
            case .refused(results.count, let error):
                stage = nil
                results.append(.failure(error))
            default:
                // Not what this process was asked about: the module writes where it has no business.
                deadline = .now
                break reading
            }
            deadline = .now + timeout
        }
        // All said: it has nothing more to do. Else it is about to end, or will not come back.
        let isDone = results.count == files.count
        let end = child.end(patience: isDone ? .zero : max(.zero, deadline - .now))
        guard !isDone else { return results }
        let file = files[files.startIndex + results.count]
        if let stage {
            results.append(.failure(failure(of: file, at: stage, end, child.lastWords)))
        } else if results.isEmpty {
            results = files.map { .failure(ChildDescriber.noProcess($0, "it \(ChildDescriber.words(end)) before it had begun", child.lastWords)) }
        }
        return results
    }

    private enum Stage { case opening, asking }

    private func failure(of file: ModuleFile, at stage: Stage, _ end: DescribingChild.End, _ lastWords: String?) -> ModuleError {
        let time = stage == .opening ? "while its constructors ran" : "in its entry function, or while its tables were read"
        if end == .stuck {
            let subject = stage == .opening ? "opening it" : "its entry function"
            return ModuleError(
                .stuck,
                "\(file.path): \(subject) took longer than \(ChildDescriber.words(timeout)), in a process of its own: nothing may wait there; if it is only slow, allow more with --module-timeout")
        }
        let wrote = lastWords.map { "; its last words were \(LogValue.quoted($0))" } ?? ""
        return ModuleError(
            .crashed,
            "\(file.path): \(ChildDescriber.words(end)) \(time), in a process of its own\(wrote): mend the module, or rebuild it with this host's catena.h")
    }

    private static func noProcess(_ file: ModuleFile, _ reason: String, _ lastWords: String? = nil) -> ModuleError {
        let wrote = lastWords.map { "; its last words were \(LogValue.quoted($0))" } ?? ""
        return ModuleError(.cannotOpen, "\(file.path): there is no process to describe it in: \(reason)\(wrote)")
    }

    private static func words(_ duration: Duration) -> String {
        let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds) ms"
    }

    private static func words(_ end: DescribingChild.End) -> String {
        switch end {
        case .status(let status): return "ended the process with status \(status)"
        case .signal(let number):
            let name = strsignal(number).map { String(cString: $0).lowercased() } ?? "unknown"
            return "crashed with signal \(number) (\(name))"
        case .stuck: return "did not answer"
        }
    }
}
