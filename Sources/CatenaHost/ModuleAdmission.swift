// SPDX-License-Identifier: Apache-2.0
// What has to happen before a module's code runs in the host: its file is found, read and sealed, compared with its pin, and
// described by somebody who may be lost. What fails on the way is told at the elements that wanted it, and holds up no other.

internal import CatenaChain
internal import CatenaConfig

/// Takes the modules of a chains file in, as far as they are good.
struct ModuleAdmission {
    private(set) var problems: [Diagnostic] = []
    private(set) var warnings: [Diagnostic] = []

    private let file: ChainsFile
    private let folder: String
    private let loader: ModuleLoader
    private let reported: [Diagnostic]
    private var hashes: [ObjectIdentifier: String] = [:]

    /// - Parameters:
    ///   - folder: what paths in the file are relative to.
    ///   - reported: what has been found before, and is not told again.
    init(_ file: ChainsFile, folder: String, loader: ModuleLoader, reported: [Diagnostic]) {
        self.file = file
        self.folder = folder
        self.loader = loader
        self.reported = reported
    }

    /// Once.
    ///
    /// - Returns: for each element of each chain its type; nil where there is a problem.
    mutating func admit(describedBy describer: any ModuleDescriber) -> [[ElementType?]] {
        let files = file.chains.map { chain in chain.elements.map { find($0) } }
        // One wrong pin keeps the file out, whatever its other elements say.
        var refused: Set<ObjectIdentifier> = []
        for case (let element, let file?) in zip(file.chains.flatMap(\.elements), files.flatMap { $0 }) where !isPinned(element, to: file) {
            refused.insert(ObjectIdentifier(file))
        }
        var known: Set<ObjectIdentifier> = []
        let admitted = files.flatMap { $0 }.compactMap { $0 }.filter {
            !refused.contains(ObjectIdentifier($0)) && known.insert(ObjectIdentifier($0)).inserted
        }
        let described = Dictionary(
            zip(admitted.map { ObjectIdentifier($0) }, describer.describe(admitted)), uniquingKeysWith: { first, _ in first })
        return zip(file.chains, files).map { chain, files in
            zip(chain.elements, files).map { element, file in
                guard let file, let description = described[ObjectIdentifier(file)] else { return nil }
                return load(element, from: file, description)
            }
        }
    }

    private mutating func find(_ element: ElementDefinition) -> ModuleFile? {
        do throws(ModuleError) {
            let file = try loader.file(of: element.type, at: element.module.map { Paths.absolute($0, in: folder) })
            if let warning = file.warning { warnings.append(element.modulePlace.diagnostic(severity: .warning, message: warning)) }
            return file
        } catch {
            let isSearched = error.code == .notFound && element.module == nil
            report(error, element, hint: isSearched ? Suggestion.phrase(for: element.type, in: loader.typesOnSearchPath()) : "")
            return nil
        }
    }

    private mutating func isPinned(_ element: ElementDefinition, to file: ModuleFile) -> Bool {
        guard element.pin != nil || self.file.requirePins else { return true }
        do throws(ModuleError) {
            let found = try hash(file)
            guard let pin = element.pin else {
                let problem = element.modulePlace.diagnostic(
                    message: "every element needs a \"sha256\" here (\"requirePins\" is true): if \(file.path) is the module you mean, write { \"element\": \"\(element.type)\", \"sha256\": \"\(found)\" }")
                let isWrittenWrong = reported.contains { $0.pointer == element.place.diagnostic(message: "").pointer + "/sha256" }
                if !isWrittenWrong { problems.append(problem) }
                return false
            }
            guard pin.sha256 != found else { return true }
            problems.append(
                pin.place.diagnostic(message: "\(file.path): is another file than this: its SHA-256 is \(found); write that if the change was meant"))
            return false
        } catch {
            report(error, element)
            return false
        }
    }

    private mutating func hash(_ file: ModuleFile) throws(ModuleError) -> String {
        if let known = hashes[ObjectIdentifier(file)] { return known }
        let hash = try file.withBytes { SHA256.hex($0) }
        hashes[ObjectIdentifier(file)] = hash
        return hash
    }

    private mutating func load(
        _ element: ElementDefinition, from file: ModuleFile, _ description: Result<ModuleDescription, ModuleError>
    ) -> ElementType? {
        do throws(ModuleError) {
            _ = try description.get()
            return try loader.open(file).type(element.type)
        } catch {
            report(error, element)
            return nil
        }
    }

    private mutating func report(_ error: ModuleError, _ element: ElementDefinition, hint: String = "") {
        problems.append(element.modulePlace.diagnostic(message: error.message + hint))
    }
}

extension OnFault {
    /// The same, as the engine knows it.
    var policy: FaultPolicy {
        switch self {
        case .fail: .fail
        case .disable: .disable
        }
    }
}
