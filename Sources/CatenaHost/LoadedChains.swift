// SPDX-License-Identifier: Apache-2.0
// From a file to chains that run: the config is read, the modules it names are admitted, and the engine links them. Whatever is
// wrong, at any of the three, is told at its place in the file, and all of it in one run.

internal import CatenaChain
internal import CatenaConfig

/// A config that has been read and whose modules are loaded.
struct LoadedChains {
    let file: ChainsFile
    let specs: [ChainSpec]
    let modules: [Module]
    /// What is not as it should be with the modules, but was permitted.
    private let warnings: [Diagnostic]

    /// Reads the file and loads its modules.
    ///
    /// - Throws: every problem of the file, and of every module that it names where it can be read.
    init(_ configuration: HostConfiguration) throws(ConfigError) {
        let configPath = configuration.configPath
        let file: ChainsFile
        var problems: [Diagnostic] = []
        do throws(ConfigError) {
            file = try ChainsFile.load(path: configPath, environment: configuration.environment)
        } catch {
            // Without a module path that can be trusted, whatever is not found may be there.
            guard let readable = error.readable, !error.diagnostics.contains(where: { $0.pointer.hasPrefix("/modulePath") }) else { throw error }
            file = readable
            problems = error.diagnostics
        }
        let isWhole = problems.isEmpty
        let folder = Paths.folder(of: configPath)
        let loader = ModuleLoader(
            searchPath: file.modulePath.map { Paths.absolute($0, in: folder) } + [Paths.executableFolder].compactMap { $0 },
            allowWritable: configuration.allowWritable)
        var specs: [ChainSpec] = []
        var loaded: [(definition: ElementDefinition, spec: ElementSpec)] = []
        var admission = ModuleAdmission(file, folder: folder, loader: loader, reported: problems)
        let types = admission.admit(describedBy: configuration.describer)
        problems += admission.problems
        for (chain, types) in zip(file.chains, types) {
            var elements: [ElementSpec] = []
            for case (let element, let type?) in zip(chain.elements, types) {
                let spec = ElementSpec(
                    name: element.name, type: type, config: element.configBytes, onFault: element.onFault.policy)
                elements.append(spec)
                loaded.append((element, spec))
            }
            specs.append(ChainSpec(name: chain.name, role: chain.role, elements: elements))
        }
        guard problems.isEmpty else {
            // The chains cannot be linked, but what the modules that are there say of their configs need not wait.
            problems += loaded.flatMap { element in
                element.spec.configProblems(among: isWhole ? specs : nil).map { LoadedChains.diagnostic($0, of: element.definition) }
            }
            throw ConfigError(LoadedChains.once(problems))
        }
        self.file = file
        self.specs = specs
        modules = loader.modules
        warnings = admission.warnings
    }

    /// `3 chains (2 served), 9 elements, 5 modules`; `2 chains (1 opens 3 connections), 4 elements, 2 modules`
    var summary: String {
        let served = file.chains.filter(\.isServed).count
        let opening = file.chains.filter(\.opensConnections)
        let connections = opening.reduce(0) { $0 + $1.open.count }
        let roles = (served > 0 || opening.isEmpty ? ["\(served) served"] : [])
            + (opening.isEmpty ? [] : ["\(opening.count) \(opening.count == 1 ? "opens" : "open") \(counted(connections, "connection"))"])
        let elements = file.chains.reduce(0) { $0 + $1.elements.count }
        return "\(counted(file.chains.count, "chain")) (\(roles.joined(separator: ", "))), \(counted(elements, "element")), \(counted(modules.count, "module"))"
    }

    /// What the linker and the modules found, at its place in the file.
    func diagnostics(_ problems: [LinkProblem]) -> [Diagnostic] {
        LoadedChains.once(problems.map(diagnostic))
    }

    /// The same of what is no error, with what was found before.
    func warnings(with problems: [LinkProblem]) -> [Diagnostic] {
        LoadedChains.once(warnings + problems.map(diagnostic))
    }

    private func diagnostic(_ problem: LinkProblem) -> Diagnostic {
        let severity = LoadedChains.severity(problem)
        guard let chain = file.chain(named: problem.chain) else {
            return file.diagnostic(severity: severity, pointer: "", message: problem.message)
        }
        guard let index = problem.element, chain.elements.indices.contains(index) else {
            return chain.place.diagnostic(severity: severity, message: problem.message)
        }
        return LoadedChains.diagnostic(problem, of: chain.elements[index])
    }

    private static func diagnostic(_ problem: LinkProblem, of element: ElementDefinition) -> Diagnostic {
        let severity = LoadedChains.severity(problem)
        guard let pointer = problem.pointer else { return element.place.diagnostic(severity: severity, message: problem.message) }
        return element.diagnostic(severity: severity, pointer: pointer, message: problem.message)
    }

    private static func severity(_ problem: LinkProblem) -> Diagnostic.Severity {
        problem.severity == .warning ? .warning : .error
    }

    /// A chain that is spliced into two others has its problems once.
    private static func once(_ problems: [Diagnostic]) -> [Diagnostic] {
        var kept: [Diagnostic] = []
        for problem in problems where !kept.contains(problem) { kept.append(problem) }
        return kept.sortedByPosition()
    }
}

extension ChainDefinition {
    fileprivate var role: ChainSpec.Role { isServed ? .served : opensConnections ? .opened : .used }
}
