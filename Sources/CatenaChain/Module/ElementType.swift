// SPDX-License-Identifier: Apache-2.0
// A type is checked once, when its module is loaded; after that the engine trusts what stands here, and never reads the
// module's own table again except through it.

internal import CatenaABI

/// One kind of element that a module offers.
public struct ElementType: Sendable {
    /// What chains.json calls it.
    public let id: String
    public let version: String
    public let summary: String
    /// JSON Schema 2020-12 of its config; empty: none given.
    public let configSchema: String

    /// The file that it comes from.
    public internal(set) var module = ""
    let table: catena_type
    let values: [ValueDeclaration]

    /// Slots are at most this large, each, in bytes.
    static let largestSlot: UInt32 = 65_536
    private static let knownFlags =
        CATENA_TYPE_ANCHOR | CATENA_TYPE_GUARD | CATENA_TYPE_AGAIN | CATENA_TYPE_NEEDS_ANCHOR

    var isAnchor: Bool { table.flags & CATENA_TYPE_ANCHOR != 0 }
    var isGuard: Bool { table.flags & CATENA_TYPE_GUARD != 0 }
    var saysAgain: Bool { table.flags & CATENA_TYPE_AGAIN != 0 }
    var needsAnchor: Bool {
        table.flags & CATENA_TYPE_NEEDS_ANCHOR != 0 || (table.conn_slot_size > 0 && !isAnchor)
    }

    /// Checks a module's table.
    ///
    /// - Throws: a sentence that says which rule the table breaks.
    init(checking pointer: UnsafePointer<catena_type>) throws(ModuleError) {
        let size = pointer.pointee.struct_size
        guard size >= MemoryLayout<catena_type>.size else {
            throw ModuleError(
                .malformed,
                "a catena_type of \(size) bytes, this host needs \(MemoryLayout<catena_type>.size): set struct_size, or rebuild it")
        }
        let table = pointer.pointee
        id = String(table.id)
        guard ElementType.isIdentifier(id) else {
            throw ModuleError(.malformed, "the type id \"\(id)\" is not of the form [a-z0-9][a-z0-9._-]{0,63}")
        }
        let unknown = table.flags & ~ElementType.knownFlags
        guard unknown == 0 else {
            throw ModuleError(
                .malformed,
                "type \"\(id)\" sets flag bits 0x\(String(unknown, radix: 16)) that this host does not know: it needs a newer host")
        }
        for (name, size) in [("call_slot_size", table.call_slot_size), ("conn_slot_size", table.conn_slot_size)]
        where size > ElementType.largestSlot {
            throw ModuleError(.malformed, "type \"\(id)\" asks for a \(name) of \(size) bytes, at most \(ElementType.largestSlot) are given")
        }
        var values: [ValueDeclaration] = []
        for index in 0..<Int(table.n_values) {
            guard let declarations = table.values else {
                throw ModuleError(.malformed, "type \"\(id)\" says it has \(table.n_values) values, and gives none")
            }
            values.append(try ValueDeclaration(checking: declarations[index], of: id))
        }
        version = String(table.version)
        summary = String(table.summary)
        configSchema = String(table.config_schema)
        self.table = table
        self.values = values
    }

    private static func isIdentifier(_ id: String) -> Bool {
        guard let first = id.utf8.first, id.utf8.count <= 64 else { return false }
        let isAlphanumeric = { (byte: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        return isAlphanumeric(first) && id.utf8.allSatisfy { isAlphanumeric($0) || [0x2e, 0x5f, 0x2d].contains($0) }
    }
}

/// A context value that a type provides or consumes.
struct ValueDeclaration: Sendable {
    let key: String
    let size: UInt32
    let align: UInt32
    let flags: UInt32

    var isProvided: Bool { flags & CATENA_VALUE_PROVIDES != 0 }
    var isRequired: Bool { flags & CATENA_VALUE_CONSUMES != 0 && flags & CATENA_VALUE_OPTIONAL == 0 }
    var goesUp: Bool { flags & CATENA_VALUE_UP != 0 }
    var isKept: Bool { flags & CATENA_VALUE_KEPT != 0 }

    init(checking declared: catena_value_decl, of type: String) throws(ModuleError) {
        guard declared.struct_size >= MemoryLayout<catena_value_decl>.size else {
            throw ModuleError(.malformed, "type \"\(type)\" has a catena_value_decl of \(declared.struct_size) bytes: set struct_size")
        }
        key = String(declared.key)
        size = declared.size
        align = declared.align
        flags = declared.flags
        guard !key.isEmpty, size > 0, size <= 4096, [1, 2, 4, 8, 16].contains(align) else {
            throw ModuleError(
                .malformed,
                "type \"\(type)\" declares the value \"\(key)\" with size \(size) and align \(align): it needs a key, 1 to 4096 bytes and an align of 1, 2, 4, 8 or 16")
        }
    }
}
