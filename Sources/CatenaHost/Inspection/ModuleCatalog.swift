// SPDX-License-Identifier: Apache-2.0
// Which modules there are for a chains file, whether or not a chain uses them: what "catena inspect" and "catena schema" are
// about. A library that cannot be used is an entry like any other, with the reason in place of a description.

internal import CatenaChain
internal import CatenaConfig
internal import Glibc

/// The modules on a search path, and those that a chains file names.
public struct ModuleCatalog: Sendable {
    /// One library.
    struct Entry: Sendable {
        let path: String
        let result: Result<ModuleDescription, ModuleError>
        /// Whether an element that names no library may get this one.
        var isOnSearchPath = false
        /// `"module"` as elements write it that mean this library.
        var writtenAs: [String] = []
        /// A library of the same name in a folder searched before; elements get that one.
        var hiddenBy: String?

        /// What a library is that lies among the modules and was never meant to be one, such as a run-time library.
        var isNoModule: Bool {
            if case .failure(let error) = result, writtenAs.isEmpty, isOnSearchPath { return error.code == .entryMissing }
            return false
        }
    }

    /// Absolute folders, in the order in which they are searched.
    let searchPath: [String]
    /// Libraries that elements name with `"module"`: as written, and where that is.
    private let named: [(written: String, path: String)]
    private let describer: any ModuleDescriber
    private let allowWritable: Bool

    /// - Parameters:
    ///   - configPath: the chains file; nil: `chains.json` if there is one.
    ///   - environment: what `${VAR}` in it is replaced from.
    ///   - describer: who finds out what a library offers.
    ///   - allowWritable: libraries that other users may change are described as well.
    /// - Throws: what is wrong with a file whose module path cannot be told. Other mistakes in it are validate's business.
    public init(
        configPath: String?, environment: [String: String], describer: any ModuleDescriber = InProcessDescriber(),
        allowWritable: Bool = false
    ) throws(HostError) {
        var folders: [String] = []
        var named: [(written: String, path: String)] = []
        if let path = configPath ?? ModuleCatalog.defaultConfig {
            let file = try ModuleCatalog.readable(path, environment)
            let folder = Paths.folder(of: path)
            folders = file.modulePath.map { Paths.absolute($0, in: folder) }
            for written in file.chains.flatMap(\.elements).compactMap(\.module) where !named.contains(where: { $0.written == written }) {
                named.append((written, Paths.absolute(written, in: folder)))
            }
        }
        searchPath = folders + [Paths.executableFolder].compactMap { $0 }
        self.named = named
        self.describer = describer
        self.allowWritable = allowWritable
    }

    private static var defaultConfig: String? { access("chains.json", F_OK) == 0 ? "chains.json" : nil }

    private static func readable(_ path: String, _ environment: [String: String]) throws(HostError) -> ChainsFile {
        do throws(ConfigError) {
            return try ChainsFile.load(path: path, environment: environment)
        } catch {
            guard let file = error.readable, !error.diagnostics.contains(where: { $0.pointer.hasPrefix("/modulePath") }) else {
                throw HostError(error)
            }
            return file
        }
    }

    /// Every library: in the order of the search path, those of one folder by name, then those that elements name.
    func entries() -> [Entry] {
        var found: [(path: String, isOnSearchPath: Bool, writtenAs: [String], hiddenBy: String?)] = []
        var first: [String: String] = [:]
        var numbers: [String: Int] = [:]
        for folder in searchPath {
            for type in ModuleLoader(searchPath: [folder]).typesOnSearchPath() {
                let path = "\(folder)/lib\(type).so"
                guard numbers[ModuleCatalog.realPath(path)] == nil else { continue }
                numbers[ModuleCatalog.realPath(path)] = found.count
                found.append((path, true, [], first[type]))
                if first[type] == nil { first[type] = path }
            }
        }
        for (written, path) in named {
            let real = ModuleCatalog.realPath(path)
            if numbers[real] == nil {
                numbers[real] = found.count
                found.append((path, false, [], nil))
            }
            if let number = numbers[real] { found[number].writtenAs.append(written) }
        }
        let described = describer.describe(found.map(\.path), allowWritable: allowWritable)
        return zip(found, described).map { found, result in
            Entry(
                path: found.path, result: result, isOnSearchPath: found.isOnSearchPath, writtenAs: found.writtenAs,
                hiddenBy: found.hiddenBy)
        }
    }

    /// One library, wherever it lies.
    func entry(_ path: String) -> Entry {
        Entry(path: path, result: describer.describe([path], allowWritable: allowWritable)[0])
    }

    /// The library that an element of this type gets, or nil.
    func path(ofType type: String) -> String? {
        searchPath.lazy.map { "\($0)/lib\(type).so" }.first { access($0, F_OK) == 0 }
    }

    /// One name for each file; a path that leads nowhere is its own.
    private static func realPath(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }
}
