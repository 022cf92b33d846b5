// SPDX-License-Identifier: Apache-2.0
// A value is one place in every call that several modules share, so what a module says of it is checked as closely as a type. The
// list has the module's stride, not ours: a module built with a later header has longer entries.

internal import CatenaABI

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

    /// Values that one type may declare.
    static let mostValues: UInt32 = 256
    /// A later header may have longer entries, but hardly such.
    private static let largestEntry: UInt32 = 4096
    private static let knownFlags =
        CATENA_VALUE_PROVIDES | CATENA_VALUE_CONSUMES | CATENA_VALUE_OPTIONAL | CATENA_VALUE_UP | CATENA_VALUE_KEPT

    /// Checks all that a type declares.
    static func read(_ table: catena_type, of type: String) throws(ModuleError) -> [ValueDeclaration] {
        guard table.n_values > 0 else { return [] }
        guard let first = table.values else {
            throw ModuleError(.malformed, "type \"\(type)\" says it has \(table.n_values) values, and gives none: set values, or set n_values to 0")
        }
        guard table.n_values <= mostValues else {
            throw ModuleError(.malformed, "type \"\(type)\" says it has \(table.n_values) values, at most \(mostValues) are taken: set n_values")
        }
        let stride = first.pointee.struct_size
        var values: [ValueDeclaration] = []
        for index in 0..<Int(table.n_values) {
            let entry = UnsafeRawPointer(first) + index * Int(stride)
            let size = entry.load(as: UInt32.self)
            guard size >= MemoryLayout<catena_value_decl>.size, size <= largestEntry, size % UInt32(MemoryLayout<catena_value_decl>.alignment) == 0 else {
                throw ModuleError(
                    .malformed,
                    "type \"\(type)\" has as value number \(index) a catena_value_decl of \(size) bytes, this host needs \(MemoryLayout<catena_value_decl>.size): set struct_size, or rebuild it")
            }
            guard size == stride else {
                throw ModuleError(
                    .malformed,
                    "type \"\(type)\" has as value number \(index) a catena_value_decl of \(size) bytes after one of \(stride): set the same struct_size in all of them")
            }
            values.append(try ValueDeclaration(checking: entry.load(as: catena_value_decl.self), of: type))
        }
        return values
    }

    init(checking declared: catena_value_decl, of type: String) throws(ModuleError) {
        key = String(declared.key)
        size = declared.size
        align = declared.align
        flags = declared.flags
        guard !key.isEmpty, size > 0, size <= 4096, [1, 2, 4, 8, 16].contains(align) else {
            throw ModuleError(
                .malformed,
                "type \"\(type)\" declares the value \"\(key)\" with size \(size) and align \(align): it needs a key, 1 to 4096 bytes and an align of 1, 2, 4, 8 or 16")
        }
        let unknown = flags & ~ValueDeclaration.knownFlags
        guard unknown == 0 else {
            throw ModuleError(
                .malformed,
                "type \"\(type)\" declares the value \"\(key)\" with flag bits 0x\(String(unknown, radix: 16)) that this host does not know: it needs a newer host")
        }
        guard flags & (CATENA_VALUE_PROVIDES | CATENA_VALUE_CONSUMES) != 0 else {
            throw ModuleError(
                .malformed, "type \"\(type)\" neither provides nor consumes the value \"\(key)\": set CATENA_VALUE_PROVIDES, CATENA_VALUE_CONSUMES or both")
        }
    }
}
