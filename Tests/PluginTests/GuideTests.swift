// SPDX-License-Identifier: Apache-2.0
// Docs/WRITING-AN-ELEMENT.md shows code that is compiled: each Swift block is a file of this repository without its heading,
// the C block is given to the compiler here.
internal import CatenaABI
internal import CatenaElementTesting
internal import Foundation
internal import Testing

@Suite("Docs/WRITING-AN-ELEMENT.md")
struct GuideTests {
    /// The folder above Tests, wherever a link may lead.
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The code blocks that follow a mark such as `<!-- file: x -->`, with what the mark says.
    private func blocks(_ language: String, in document: String = "Docs/WRITING-AN-ELEMENT.md") throws -> [(mark: String, code: String)] {
        let parts = try Self.text(document).components(separatedBy: "```\(language)\n")
        return zip(parts, parts.dropFirst()).map { before, after in
            (before.split(separator: "\n").last.map(String.init) ?? "", after.components(separatedBy: "```\n")[0])
        }
    }

    @Test("each Swift block is the file it names, in the top README too", arguments: [("Docs/WRITING-AN-ELEMENT.md", 4), ("README.md", 1)])
    func swift(document: String, count: Int) throws {
        let blocks = try blocks("swift", in: document)
        #expect(blocks.count == count)
        for block in blocks {
            let path = block.mark.replacing("<!-- file: ", with: "").replacing(" -->", with: "")
            let file = try Self.text(path).split(separator: "\n", omittingEmptySubsequences: false)
            let code = file.drop { $0.hasPrefix("// ") || $0.isEmpty }.joined(separator: "\n")
            #expect(block.code == code, "\(path)")
        }
    }

    @Test("the C block is C that gcc and the header agree with")
    func c() throws {
        let block = try #require(try blocks("c").first)
        let source = FileManager.default.temporaryDirectory.appendingPathComponent("catena-guide-\(getpid()).c")
        try block.code.write(to: source, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: source) }
        let include = Self.root.appendingPathComponent("Sources/CatenaABI/include").path
        let arguments = ["cc", "-std=c11", "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only", "-I", include, source.path]
        #expect(try Tool.run(arguments) == 0)
    }

    @Test("the first element does what it says")
    func stamp() async throws {
        try await ChainBench.run([.element(StampElement.self)]) { bench in
            #expect(bench.request().message?[label: "stamped"] == "yes")
        }
    }
}
