// SPDX-License-Identifier: Apache-2.0
//
// What the fuzzer has kept is read again with every test run: inputs that reach far into the parser, and those that once failed.
// Here, where speed does not count, another parser has its say too.

import Foundation
import Testing

@testable import CatenaConfig

/// A text for the reader of chains.json.
struct Input: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    var testDescription: String { name }

    init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// The files of a folder of Tests.
    static func all(in folder: String) throws -> [Input] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let folder = tests.appending(path: folder)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }
        return try names.sorted().map { Input(name: $0, bytes: Array(try Data(contentsOf: folder.appending(path: $0)))) }
    }
}

@Suite("inputs of the fuzzer")
struct FuzzReplayTests {
    @Test("every input that once failed keeps the promises", arguments: try Input.all(in: "Fuzz/FailCases/chains"))
    func failCase(input: Input) {
        #expect(ChainsPromises.broken(by: input.bytes) == [])
    }

    @Test("every input of the corpus and every fixture keeps the promises")
    func corpus() throws {
        let corpus = try Input.all(in: "Fuzz/corpus/chains")
        #expect(corpus.count > 100)
        let fixtures = try Input.all(in: "Fixtures/chains/valid") + Input.all(in: "Fixtures/chains/invalid")
        #expect(fixtures.count > 60)
        for input in corpus + fixtures {
            let broken = ChainsPromises.broken(by: input.bytes)
            #expect(broken.isEmpty, "\(input.name): \(broken)")
        }
    }

    @Test("what the parser accepts, Foundation's accepts too")
    func differential() throws {
        var accepted = 0
        for input in try Input.all(in: "Fuzz/corpus/chains") + Input.all(in: "Fixtures/chains/valid") + Input.all(in: "Fixtures/chains/invalid") {
            let (root, problems) = JSONParser.parse(SourceText(file: input.name, bytes: input.bytes))
            guard let root, problems.isEmpty, !root.hasNumberBeyondDouble else { continue }
            accepted += 1
            let theirs = Result { try JSONSerialization.jsonObject(with: Data(input.bytes), options: .fragmentsAllowed) }
            #expect(throws: Never.self, "\(input.name)") { try theirs.get() }
            let again = Result { try JSONSerialization.jsonObject(with: Data(root.canonicalBytes()), options: .fragmentsAllowed) }
            if let one = try? theirs.get() as? NSObject, let other = try? again.get() as? NSObject {
                #expect(one == other, "\(input.name): the canonical form means something else")
            }
        }
        #expect(accepted > 50)
    }

    @Test("a file that is hard by its shape is read in seconds, and its report is bounded", arguments: HardFiles.all)
    func bounded(input: Input) throws {
        let clock = ContinuousClock()
        var printed = 0
        let took = clock.measure {
            do throws(ConfigError) {
                _ = try ChainsFile.parse(bytes: input.bytes, path: "hard.json", environment: [:])
            } catch {
                printed = error.description.utf8.count + error.diagnostics.renderedJSON().utf8.count
            }
        }
        #expect(took < .seconds(30), "\(input.name)")
        #expect(printed < 4 << 20, "\(input.name): \(printed) bytes")
    }
}

extension JSONNode {
    /// Such as 1e999, which is JSON, and which Foundation refuses.
    fileprivate var hasNumberBeyondDouble: Bool {
        switch value {
        case .null, .bool, .string: false
        case .number(let text): !(Double(text)?.isFinite ?? false)
        case .array(let nodes): nodes.contains(where: \.hasNumberBeyondDouble)
        case .object(let members): members.contains { $0.value.hasNumberBeyondDouble }
        }
    }
}
