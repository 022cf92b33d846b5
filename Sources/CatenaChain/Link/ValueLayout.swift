// SPDX-License-Identifier: Apache-2.0
// Context values are linked, not looked up: every key of a served chain and of the client chains below it gets one place in a
// block of memory that travels with the call, and the elements are told its offset.

internal import CatenaABI

/// Where each context value stands.
struct ValueLayout {
    private var places: [String: (offset: Int, declaration: ValueDeclaration, owner: String)] = [:]
    /// Bytes of the block, a multiple of 16.
    private(set) var size = 0
    /// Values that are stored with the connection.
    private(set) var kept: [Range<Int>] = []
    /// Values that a client chain hands back to the element that used it.
    private(set) var up: [Range<Int>] = []
    /// Where the executor stands, if somebody speaks of one.
    private(set) var executor: Range<Int>?

    /// Gives the declaration a place, the same for all who use the key.
    ///
    /// - Returns: nil if another element uses the key with another size; ``owner(of:)`` names it.
    mutating func place(_ declaration: ValueDeclaration, owner: String) -> Int? {
        if let known = places[declaration.key] {
            guard known.declaration.size == declaration.size else { return nil }
            let range = known.offset..<known.offset + Int(declaration.size)
            if declaration.isKept { keep(range) }
            if declaration.goesUp, !up.contains(range) { up.append(range) }
            return known.offset
        }
        // A multiple of 16, which is the largest alignment there is.
        let offset = size
        let range = offset..<offset + Int(declaration.size)
        places[declaration.key] = (offset, declaration, owner)
        size = (range.upperBound + 15) / 16 * 16
        if declaration.isKept { keep(range) }
        if declaration.goesUp { up.append(range) }
        if declaration.key == CATENA_KEY_EXECUTOR, range.count == MemoryLayout<UnsafeRawPointer>.size { executor = range }
        return offset
    }

    /// Who used the key first, and with which size.
    func owner(of key: String) -> (name: String, size: UInt32)? {
        places[key].map { ($0.owner, $0.declaration.size) }
    }

    private mutating func keep(_ range: Range<Int>) {
        if !kept.contains(range) { kept.append(range) }
    }
}
