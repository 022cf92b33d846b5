// SPDX-License-Identifier: Apache-2.0
// Where the element under test comes from: a Swift type, an entry function, a file. Whatever it is, from here on it is the
// header's table, which the engine has checked.
public import CatenaABI
public import CatenaElement
internal import CatenaChain

/// An element type that can be put on a bench.
///
///     let labels = try ElementSource(LabelsElement.self, .opened)
///     #expect(labels.problems(in: "{}") == [ConfigProblem("\"labels\" is missing: expected an object of texts, not empty")])
///
/// Unchecked, because it holds a pointer: a type is static data of its module, which is never unloaded.
public struct ElementSource: @unchecked Sendable {
    /// What chains.json calls it.
    public let id: String
    /// The table as the module made it.
    public let type: UnsafePointer<catena_type>
    /// The type, the file, or the entry function's module: for errors.
    let name: String

    /// A type of the kit.
    /// - Throws: what the host would say of its module.
    public init<Element: ChainElement>(_ type: Element.Type, _ form: ElementForm = .linked) throws(BenchError) {
        let id = Element.descriptor.id
        switch form {
        case .linked: try self.init(id, type: id, KitModules.entry(of: type))
        case .opened: try self.init(file: "\(OpenedLibrary.ownFolder())/lib\(id).so", type: id)
        }
    }

    /// A module's entry function, linked into the test: `ElementSource(entry: catena_module_v1)`.
    /// - Parameter type: which of its types; nil: its first.
    /// - Throws: what the host would say of the module.
    public init(
        entry: @convention(c) (UnsafePointer<catena_offer>?, UnsafeMutablePointer<CChar>?, Int) -> UnsafePointer<catena_module>?,
        type: String? = nil
    ) throws(BenchError) {
        try self.init("module", type: type) { entry($0, $1, $2) }
    }

    /// A built module.
    /// - Parameter type: which of its types; nil: its first.
    /// - Throws: what the host would say of the file.
    public init(file: String, type: String? = nil) throws(BenchError) {
        let entry = try OpenedLibrary.entry(in: file)
        try self.init(file, type: type) { entry($0, $1, $2) }
    }

    private init(
        _ name: String, type: String?,
        _ entry: @escaping (UnsafePointer<catena_offer>?, UnsafeMutablePointer<CChar>?, Int) -> UnsafePointer<catena_module>?
    ) throws(BenchError) {
        var table: UnsafePointer<catena_module>?
        let module = try EntryLoan.module(name) { offer, why, size in
            table = entry(offer, why, size)
            return table
        }
        let index = type.map { id in module.types.firstIndex { $0.id == id } } ?? 0
        guard let index, let found = table?.pointee.types[index] else {
            let offered = module.types.map { "\"\($0.id)\"" }.joined(separator: ", ")
            throw BenchError("\(name): offers no element type \"\(type ?? "")\", but \(offered)")
        }
        self.type = found
        self.name = name
        id = module.types[index].id
    }

    // MARK: Config

    /// The JSON Schema of its config; empty: none given.
    public var schema: String { type.pointee.config_schema.text }

    /// What the element finds wrong with a config, as `catena validate` would print it.
    public func problems(in config: ConfigText) -> [ConfigProblem] { ConfigCheck(of: type, config).problems }

    /// The chains that a config names, each with the place where.
    public func chains(in config: ConfigText) -> [ConfigProblem] { ConfigCheck(of: type, config).chains }
}
