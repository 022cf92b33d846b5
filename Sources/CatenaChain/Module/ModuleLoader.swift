// SPDX-License-Identifier: Apache-2.0
// Where a type's module is looked for: a named file, or lib<type>.so on the module path. The same file is opened once, however
// often and under whatever names chains.json mentions it.

internal import Glibc

/// Finds and opens modules. Used by one thread, while loading.
public final class ModuleLoader {
    /// Absolute folders, searched in this order.
    public let searchPath: [String]
    private var opened: [FileIdentity: Module] = [:]

    /// - Parameter searchPath: absolute folders; a later one is used only if the earlier ones have no such file.
    public init(searchPath: [String]) {
        self.searchPath = searchPath
    }

    /// All modules opened so far.
    public var modules: [Module] { opened.values.sorted { $0.path < $1.path } }

    /// The type that an element of chains.json names.
    ///
    /// - Parameter file: the library named in chains.json, absolute; nil: `lib<type>.so` on the search path.
    public func load(type id: String, from file: String?) throws(ModuleError) -> (Module, ElementType) {
        let path: String
        if let file { path = file } else { path = try find(type: id) }
        let module = try open(path)
        guard let type = module.types.first(where: { $0.id == id }) else {
            let offered = module.types.map { "\"\($0.id)\"" }.joined(separator: ", ")
            throw ModuleError(.notFound, "\(module.path): offers no element type \"\(id)\", but \(offered)")
        }
        return (module, type)
    }

    /// The types whose modules lie on the search path, by file name: for suggestions.
    public func typesOnSearchPath() -> [String] {
        var found: Set<String> = []
        for folder in searchPath {
            guard let stream = opendir(folder) else { continue }
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name.hasPrefix("lib"), name.hasSuffix(".so"), name.utf8.count > 6 {
                    found.insert(String(name.dropFirst(3).dropLast(3)))
                }
            }
        }
        return found.sorted()
    }

    private func find(type id: String) throws(ModuleError) -> String {
        let candidates = searchPath.map { "\($0)/lib\(id).so" }
        if let path = candidates.first(where: { access($0, F_OK) == 0 }) { return path }
        throw ModuleError(.notFound, "no module for the element type \"\(id)\": looked for \(candidates.joined(separator: ", "))")
    }

    private func open(_ path: String) throws(ModuleError) -> Module {
        if let identity = FileIdentity(path: path), let module = opened[identity] { return module }
        let module = try Module(path: path)
        if let identity = FileIdentity(path: path) { opened[identity] = module }
        return module
    }
}

/// Device and inode: what makes two paths one file.
private struct FileIdentity: Hashable {
    let device: UInt
    let inode: UInt

    init?(path: String) {
        var information = stat()
        guard stat(path, &information) == 0 else { return nil }
        device = UInt(information.st_dev)
        inode = UInt(information.st_ino)
    }
}
