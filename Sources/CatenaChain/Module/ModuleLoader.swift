// SPDX-License-Identifier: Apache-2.0
// Where a type's module is looked for: a named file, or lib<type>.so on the module path. The same file is opened once, however
// often and under whatever names chains.json mentions it, and a file that cannot be used is tried once.

internal import Glibc

/// Finds, reads and opens modules. Used by one thread, while loading.
public final class ModuleLoader {
    /// Absolute folders, searched in this order.
    public let searchPath: [String]
    /// Files that others may change are not refused.
    public let allowWritable: Bool

    private var read: [String: Result<ModuleFile, ModuleError>] = [:]
    private var files: [Which: ModuleFile] = [:]
    private var opened: [ObjectIdentifier: Result<Module, ModuleError>] = [:]

    /// - Parameter searchPath: absolute folders; a later one is used only if the earlier ones have no such file.
    public init(searchPath: [String], allowWritable: Bool = false) {
        self.searchPath = searchPath
        self.allowWritable = allowWritable
    }

    /// All modules opened so far.
    public var modules: [Module] { opened.values.compactMap { try? $0.get() }.sorted { $0.path < $1.path } }

    /// The type that an element of chains.json names.
    ///
    /// - Parameter file: the library named in chains.json, absolute; nil: `lib<type>.so` on the search path.
    public func load(type id: String, from file: String?) throws(ModuleError) -> (Module, ElementType) {
        let module = try open(self.file(of: id, at: file))
        return (module, try module.type(id))
    }

    /// The file of the module that offers a type. No code of it runs.
    ///
    /// - Parameter path: the library named in chains.json, absolute; nil: `lib<type>.so` on the search path.
    public func file(of type: String, at path: String?) throws(ModuleError) -> ModuleFile {
        let found: String
        if let path { found = path } else { found = try find(type: type) }
        if let known = read[found] { return try known.get() }
        let result: Result<ModuleFile, ModuleError>
        do throws(ModuleError) {
            result = .success(try readOnce(found))
        } catch {
            result = .failure(error)
        }
        read[found] = result
        return try result.get()
    }

    /// Opens a module, once however often it is asked for.
    public func open(_ file: ModuleFile) throws(ModuleError) -> Module {
        if let known = opened[ObjectIdentifier(file)] { return try known.get() }
        let result: Result<Module, ModuleError>
        do throws(ModuleError) {
            result = .success(try Module(file: file))
        } catch {
            result = .failure(error)
        }
        opened[ObjectIdentifier(file)] = result
        return try result.get()
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

    private func readOnce(_ path: String) throws(ModuleError) -> ModuleFile {
        let file = try ModuleFile(path: path, allowWritable: allowWritable)
        guard let identity = file.identity else { return file }
        let which = Which(device: identity.device, inode: identity.inode)
        if let known = files[which] { return known }
        files[which] = file
        return file
    }

    /// What makes two paths one file.
    private struct Which: Hashable {
        let device: UInt64
        let inode: UInt64
    }
}

extension Module {
    /// One of its types.
    public func type(_ id: String) throws(ModuleError) -> ElementType {
        if let type = types.first(where: { $0.id == id }) { return type }
        throw ModuleError(.notFound, "\(path): offers no element type \"\(id)\", but \(types.map { "\"\($0.id)\"" }.joined(separator: ", "))")
    }
}
