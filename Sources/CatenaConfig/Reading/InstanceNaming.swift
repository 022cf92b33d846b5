// SPDX-License-Identifier: Apache-2.0
//
// A connection's state is found again after a restart by its instance's name, so the rule must be plain and the names stable:
// an element that minds names itself, and the numbers given to the others never take a name that somebody chose.

/// Gives every element of a chain its instance name.
enum InstanceNaming {
    /// An element in the chain it runs in.
    struct Entry: Sendable {
        let element: WrittenElement
        /// The splice in this very chain that brought it in, if one did.
        let splice: Place?
    }

    /// Explicit names as they are. Else the type, for the second and later ones with `-2`, `-3` and so on after it, in the order
    /// of the chain; a name that is taken, by an explicit name anywhere in the chain or by one given before, is passed over.
    static func names(of entries: [Entry], in chain: WrittenChain, problems: inout ProblemLog) -> [String] {
        var taken: [String: Entry] = [:]
        for entry in entries {
            guard let name = entry.element.explicitName else { continue }
            if let other = taken[name] {
                report(name, entry, other, chain, &problems)
            } else {
                taken[name] = entry
            }
        }
        var lastNumber: [String: Int] = [:]
        return entries.map { entry in
            if let name = entry.element.explicitName { return name }
            let type = entry.element.type
            var number = (lastNumber[type] ?? 0) + 1
            var name = number == 1 ? type : "\(type)-\(number)"
            while taken[name] != nil {
                number += 1
                name = "\(type)-\(number)"
            }
            lastNumber[type] = number
            taken[name] = entry
            if name.utf8.count > ConfigName.maximumLength {
                var message = "the instance name \(name.quoted()) is longer than \(ConfigName.maximumLength) characters: "
                message += "give the element a \"name\""
                problems.error(entry.splice ?? entry.element.place, message)
            }
            return name
        }
    }

    private static func report(
        _ name: String, _ entry: Entry, _ other: Entry, _ chain: WrittenChain, _ problems: inout ProblemLog
    ) {
        // Two elements of one splice are reported in the chain where they are written.
        if let splice = entry.splice, splice.offset == other.splice?.offset { return }
        let place = entry.splice ?? entry.element.namePlace
        var message = "the instance name \(name.quoted()) is given twice in the chain \(chain.name.quoted()): also at "
        message += other.element.namePlace.reference
        if let splice = other.splice { message += ", spliced in at \(splice.reference)" }
        problems.error(place, message)
    }
}
