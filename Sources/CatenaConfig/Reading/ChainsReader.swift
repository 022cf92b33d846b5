// SPDX-License-Identifier: Apache-2.0
//
// Walks the tree of a file once and builds the model. A problem never ends the walk: it is logged and its value left out,
// and whatever follows from a value that was left out is not reported again.

/// Turns a tree into a `ChainsFile`, gathering problems.
struct ChainsReader {
    static let defaultTimeout = Duration.seconds(30)

    let source: SourceText
    let environment: [String: String]
    var problems = ProblemLog()

    init(source: SourceText, environment: [String: String], problems: [Diagnostic]) {
        self.source = source
        self.environment = environment
        for problem in problems { self.problems.append(problem) }
    }

    /// The file, or nil when its outermost shape is wrong; sound only when no problem was logged.
    mutating func file(_ root: JSONNode) -> ChainsFile? {
        let known = ["$schema", "modulePath", "requirePins", "closeTimeout", "drainTimeout", "chains"]
        guard let object = object(root, at: .root, known: known) else { return nil }
        let modulePath = object["modulePath"].map { folders($0, at: object.path(to: "modulePath")) } ?? []
        let requirePins = bool("requirePins", of: object) ?? false
        let closeTimeout = duration("closeTimeout", of: object, mayBeZero: false)
        let drainTimeout = duration("drainTimeout", of: object, mayBeZero: true)
        var chains: [ChainDefinition] = []
        if let node = object["chains"] {
            chains = self.chains(node, at: object.path(to: "chains"))
        } else if object.isMissing("chains") {
            let hint = "write { \"chains\": { \"name\": { \"listen\": […], \"elements\": […] } } }"
            problems.error(object.place, "the key \"chains\" is missing: \(hint)")
        }
        return ChainsFile(
            path: source.file, modulePath: modulePath, requirePins: requirePins, closeTimeout: closeTimeout, drainTimeout: drainTimeout, chains: chains,
            source: source, root: root)
    }

    private mutating func folders(_ node: JSONNode, at path: JSONPointer) -> [String] {
        guard case .array(let nodes) = node.value else {
            problems.error(place(node, path), "expected an array of folders such as [\"modules\"], got \(node.summary)")
            return []
        }
        var folders: [String] = []
        for (index, node) in nodes.enumerated() {
            if let folder = fileName(node, at: path.appending(index), expected: "the path of a folder") { folders.append(folder) }
        }
        return folders
    }

    private mutating func bool(_ key: String, of object: ObjectReader) -> Bool? {
        guard let node = object[key] else { return nil }
        if case .bool(let value) = node.value { return value }
        problems.error(place(node, object.path(to: key)), "expected true or false, got \(node.summary)")
        return nil
    }

    private mutating func duration(_ key: String, of object: ObjectReader, mayBeZero: Bool) -> Duration {
        guard let node = object[key] else { return ChainsReader.defaultTimeout }
        let path = object.path(to: key)
        guard let text = string(node, at: path, expected: DurationText.expectation) else { return ChainsReader.defaultTimeout }
        guard let duration = DurationText.parse(text) else {
            problems.error(place(node, path), "expected \(DurationText.expectation), got \(text.quoted()): \(DurationText.rule)")
            return ChainsReader.defaultTimeout
        }
        if !mayBeZero, duration == .zero {
            problems.error(place(node, path), "\(key) must be more than zero, got \(text.quoted())")
        }
        return duration
    }

    private mutating func chains(_ node: JSONNode, at path: JSONPointer) -> [ChainDefinition] {
        guard case .object(let members) = node.value else {
            problems.error(place(node, path), "expected an object from chain names to chains, got \(node.summary)")
            return []
        }
        let named = members.filter { !$0.key.hasNotePrefix }
        if named.isEmpty {
            let hint = "add one, such as \"forwarder\": { \"listen\": […], \"elements\": […] }"
            problems.error(place(node, path), "no chain is defined: \(hint)")
        }
        let written = named.map { chain($0, at: path.appending($0.key)) }
        // A misspelt key has been reported and shows what was meant.
        let anyRuns = named.contains { $0.value.keys.contains { Suggestion.nearest(to: $0, in: ["listen", "open"]) != nil } }
        if !named.isEmpty, !anyRuns {
            let hint = "give one a \"listen\", such as [\"tcp://127.0.0.1:5001\"], or an \"open\", such as [{ \"service\": \"icmp\" }]"
            problems.error(place(node, path), "no chain is served or opens connections: \(hint)")
        }
        checkRepeatedListeners(in: written)
        checkRepeatedIDs(in: written)
        var linker = SpliceExpander(written)
        let definitions = linker.expand()
        for problem in linker.problems.diagnostics { problems.append(problem) }
        return definitions
    }
}
