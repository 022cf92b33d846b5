// SPDX-License-Identifier: Apache-2.0
//
// A misspelt required key is one mistake, not two: it is unknown, and the right one is missing.
// The object therefore remembers what the unknown keys were meant to be.

/// An object of the file whose keys have been checked.
struct ObjectReader {
    let node: JSONNode
    let place: Place
    /// Known keys that an unknown one was taken for.
    let misspelt: Set<String>

    subscript(key: String) -> JSONNode? { node.child(key) }

    /// True when the key is absent and no misspelling of it was reported.
    func isMissing(_ key: String) -> Bool { node.child(key) == nil && !misspelt.contains(key) }

    func path(to key: String) -> JSONPointer { place.path.appending(key) }
}
