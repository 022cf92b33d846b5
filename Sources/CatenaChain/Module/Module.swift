// SPDX-License-Identifier: Apache-2.0
// A module is opened once and stays for the life of the process: unloading a Swift image crashes the next protocol look-up
// anywhere in it, so there is no close here, and new code means a new process.

public import CatenaABI
internal import Glibc

/// A loaded shared library and the element types it offers.
public final class Module: Sendable {
    /// The file, or a made-up name for a module that is linked into the program.
    public let path: String
    public let name: String
    public let version: String
    /// The compiler that made it, as it says itself.
    public let builtWith: String
    let abiMinor: UInt32
    /// Host services that it cannot do without.
    let services: [String]
    public let types: [ElementType]

    /// The one function that a module exports.
    public typealias Entry = @convention(c) (
        UnsafePointer<catena_offer>?, UnsafeMutablePointer<CChar>?, Int
    ) -> UnsafePointer<catena_module>?

    /// The newest version of the element ABI that this host speaks: "1.0".
    public static let abi = "\(CATENA_ABI_MAJOR).\(CATENA_ABI_MINOR)"

    /// Element types that one module may offer.
    static let mostTypes: UInt32 = 256

    static let entryName = "catena_module_v\(CATENA_ABI_MAJOR)"

    /// Opens the file and shakes hands with it. Runs the module's constructors, on the calling thread.
    ///
    /// - Parameter opened: called when the constructors have run, before the module's entry function.
    public convenience init(file: ModuleFile, opened: () -> Void = {}) throws(ModuleError) {
        let handle = try file.load()
        opened()
        guard let symbol = dlsym(handle, Module.entryName) else {
            throw Module.missingEntry(in: handle, path: file.path)
        }
        try self.init(entry: unsafeBitCast(symbol, to: Entry.self), path: file.path)
    }

    /// Reads a file and opens it, as ``ModuleFile`` and ``init(file:opened:)`` do.
    public convenience init(path: String) throws(ModuleError) {
        try self.init(file: ModuleFile(path: path))
    }

    /// Shakes hands with a module whose entry function is at hand, as for one that is linked into a test.
    public init(entry: Entry, path: String) throws(ModuleError) {
        var offer = catena_offer(
            struct_size: UInt32(MemoryLayout<catena_offer>.size), minor_min: 0, minor_max: UInt32(CATENA_ABI_MINOR), reserved: 0)
        var why = [CChar](repeating: 0, count: 512)
        guard let table = entry(&offer, &why, why.count) else {
            why[why.count - 1] = 0
            let length = why.firstIndex(of: 0) ?? 0
            let said = String(decoding: why[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw ModuleError(
                .refused,
                "\(path): the module refused ABI \(CATENA_ABI_MAJOR).0 to \(CATENA_ABI_MAJOR).\(CATENA_ABI_MINOR): \(said.isEmpty ? "it gave no reason" : said)")
        }
        let module = table.pointee
        guard module.struct_size >= MemoryLayout<catena_module>.size else {
            throw ModuleError(.malformed, "\(path): a catena_module of \(module.struct_size) bytes, this host needs \(MemoryLayout<catena_module>.size): set struct_size, or rebuild it")
        }
        guard module.abi_minor <= CATENA_ABI_MINOR else {
            throw ModuleError(
                .refused,
                "\(path): was built for ABI \(CATENA_ABI_MAJOR).\(module.abi_minor), this host speaks \(CATENA_ABI_MAJOR).0 to \(CATENA_ABI_MAJOR).\(CATENA_ABI_MINOR): use a newer host, or rebuild the module with this host's catena.h")
        }
        self.path = path
        name = String(module.name)
        version = String(module.version)
        builtWith = String(module.built_with)
        abiMinor = module.abi_minor
        services = try Module.readServices(module.services, path: path)
        types = try Module.readTypes(module, path: path)
    }

    private static func readTypes(_ module: catena_module, path: String) throws(ModuleError) -> [ElementType] {
        guard module.n_types > 0, let pointers = module.types else {
            throw ModuleError(.malformed, "\(path): offers no element type: set types and n_types")
        }
        guard module.n_types <= mostTypes else {
            throw ModuleError(.malformed, "\(path): says it offers \(module.n_types) element types, at most \(mostTypes) are taken: set n_types")
        }
        var types: [ElementType] = []
        for index in 0..<Int(module.n_types) {
            guard let pointer = pointers[index] else {
                throw ModuleError(.malformed, "\(path): type number \(index) of \(module.n_types) is NULL: n_types says how many pointers there are")
            }
            do throws(ModuleError) {
                var type = try ElementType(checking: pointer)
                type.module = path
                types.append(type)
            } catch {
                throw ModuleError(error.code, "\(path): \(error.message)")
            }
            if types.dropLast().contains(where: { $0.id == types[index].id }) {
                throw ModuleError(.malformed, "\(path): offers the type \"\(types[index].id)\" twice: give one of them another id")
            }
        }
        return types
    }

    private static func readServices(
        _ list: UnsafePointer<UnsafePointer<CChar>?>?, path: String
    ) throws(ModuleError) -> [String] {
        guard var next = list else { return [] }
        var names: [String] = []
        while let id = next.pointee {
            let name = String(cString: id)
            guard ServiceTable.ids.contains(name) else {
                throw ModuleError(
                    .refused, "\(path): needs the host service \"\(name)\", this host has \(ServiceTable.ids.joined(separator: ", ")): use a newer host")
            }
            names.append(name)
            next += 1
        }
        return names
    }

    private static func missingEntry(in handle: UnsafeMutableRawPointer, path: String) -> ModuleError {
        for major in 0...32 where major != CATENA_ABI_MAJOR {
            if dlsym(handle, "catena_module_v\(major)") != nil {
                return ModuleError(
                    .wrongMajor,
                    "\(path): speaks major \(major) of the element ABI, this host speaks \(CATENA_ABI_MAJOR): rebuild the module with this host's catena.h")
            }
        }
        return ModuleError(
            .entryMissing, "\(path): exports no \(entryName), so it is not a Catena module (a Swift entry must be `@c(\(entryName)) public func`)")
    }
}
