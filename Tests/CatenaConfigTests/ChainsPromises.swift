// SPDX-License-Identifier: Apache-2.0
//
// What holds for every text that is handed to the reader of chains.json, good or not. The fuzzer of Tests/Fuzz compiles this very
// file: what it looks for and what the unit tests replay can therefore not differ.

@testable import CatenaConfig

/// The promises of the parser and the reader.
enum ChainsPromises {
    /// What every input is read with.
    static let environment = ["HOST": "127.0.0.1", "EMPTY": ""]

    /// The promises that do not hold for this input, as sentences; not to crash and to come back are two more.
    static func broken(by bytes: [UInt8]) -> [String] {
        var broken = parser(bytes)
        do throws(ConfigError) {
            let file = try ChainsFile.parse(bytes: bytes, path: "chains.json", environment: environment)
            broken += model(file)
        } catch {
            let lines = SourceText(file: "", bytes: bytes).lineLengths
            if error.diagnostics.allSatisfy({ $0.severity != .error }) { broken.append("a file was refused without an error") }
            broken += error.diagnostics.flatMap { place(of: $0, in: lines) }
            broken += rendering(error.diagnostics)
        }
        return broken
    }

    /// A text without problems keeps its meaning when it is written again, and is then the same bytes for ever.
    private static func parser(_ bytes: [UInt8]) -> [String] {
        let (root, problems) = JSONParser.parse(SourceText(file: "chains.json", bytes: bytes))
        guard let root else { return problems.isEmpty ? ["the parser gave up and did not say why"] : [] }
        var broken: [String] = []
        if !spans(of: root, within: 0..<bytes.count) { broken.append("a value lies outside of the one that holds it") }
        guard problems.isEmpty else { return broken }
        let once = root.canonicalBytes()
        let (again, more) = JSONParser.parse(SourceText(file: "canonical", bytes: once))
        if again?.canonicalBytes() != once { broken.append("the canonical form does not stay as it is") }
        if !more.isEmpty { broken.append("the canonical form has problems: \(more.renderedText())") }
        return broken
    }

    private static func spans(of node: JSONNode, within outer: Range<Int>) -> Bool {
        guard outer.lowerBound <= node.span.lowerBound, node.span.upperBound <= outer.upperBound, !node.span.isEmpty else { return false }
        switch node.value {
        case .null, .bool, .number, .string: return true
        case .array(let nodes): return nodes.allSatisfy { spans(of: $0, within: node.span) }
        case .object(let members): return members.allSatisfy { spans(of: $0.value, within: node.span) }
        }
    }

    /// What is handed to modules is an object in canonical form, and each instance's name is its own.
    private static func model(_ file: ChainsFile) -> [String] {
        var broken: [String] = []
        if !file.chains.contains(where: { $0.isServed || $0.opensConnections }) { broken.append("a file with nothing to run was accepted") }
        for chain in file.chains {
            if chain.isServed, chain.opensConnections { broken.append("\(chain.name) is served and opens connections") }
            if !ConfigName.isValid(chain.name) { broken.append("a chain has the name \(chain.name)") }
            if Set(chain.elements.map(\.name)).count != chain.elements.count { broken.append("two elements of a chain have one name") }
            for element in chain.elements {
                let bytes = element.configBytes
                let (root, problems) = JSONParser.parse(SourceText(file: "config", bytes: bytes))
                if case .object? = root?.value, problems.isEmpty, root?.canonicalBytes() == bytes { continue }
                broken.append("the config of \(chain.name)/\(element.name) is not canonical: \(String(decoding: bytes, as: UTF8.self))")
            }
        }
        return broken
    }

    /// It points into the text, and its pointer can be read back.
    private static func place(of diagnostic: Diagnostic, in lines: [Int]) -> [String] {
        var broken: [String] = []
        if JSONPointer(diagnostic.pointer)?.description != diagnostic.pointer { broken.append("\(diagnostic.pointer) is no JSON pointer") }
        if diagnostic.message.isEmpty { broken.append("a diagnostic says nothing") }
        guard let position = diagnostic.position else { return broken }
        guard lines.indices.contains(position.line - 1), (1...lines[position.line - 1] + 1).contains(position.column) else {
            return broken + ["\(position.line):\(position.column) lies outside of the text: \(diagnostic.message)"]
        }
        return broken
    }

    /// As text it is one line, or three with the excerpt, and nothing in it moves a cursor; as JSON it is JSON.
    private static func rendering(_ diagnostics: [Diagnostic]) -> [String] {
        var broken: [String] = []
        for diagnostic in diagnostics {
            let text = diagnostic.description
            if ![1, 3].contains(text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).count) {
                broken.append("a diagnostic of another form: \(text)")
            }
            if text.unicodeScalars.contains(where: { $0.mustBeEscaped && $0 != "\n" && $0 != "\t" }) {
                broken.append("a diagnostic with a control character: \(text)")
            }
        }
        let (root, problems) = JSONParser.parse(SourceText(file: "diagnostics", bytes: Array(diagnostics.renderedJSON().utf8)))
        guard case .array(let nodes)? = root?.value, problems.isEmpty, nodes.count == diagnostics.count else {
            return broken + ["the diagnostics as data are not JSON: \(problems.renderedText())"]
        }
        return broken
    }
}

extension SourceText {
    /// Scalars in each line, without its end; counted here by another way than positions are.
    fileprivate var lineLengths: [Int] {
        var lengths = [0]
        var last: UInt8 = 0
        for byte in bytes {
            if byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") {
                if !(byte == UInt8(ascii: "\n") && last == UInt8(ascii: "\r")) { lengths.append(0) }
            } else if byte & 0xC0 != 0x80 {
                lengths[lengths.count - 1] += 1
            }
            last = byte
        }
        return lengths
    }
}
