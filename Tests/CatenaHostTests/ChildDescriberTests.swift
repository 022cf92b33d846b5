// SPDX-License-Identifier: Apache-2.0
// The real program describes real modules, good ones and such as end it. What is counted is processes: time is for Benchmarks/.

import CatenaChain
@testable import CatenaHost
import Foundation
import ModuleTestSupport
import Testing

@Suite("ChildDescriber")
struct ChildDescriberTests {
    private static let program = (Paths.executableFolder ?? ".") + "/catena"

    /// How a sanitizer that the tests were built with treats crashes.
    private static var sanitizer: String { ProcessInfo.processInfo.environment["ASAN_OPTIONS"] ?? "" }

    private static func describer(timeout: Duration = ChildDescriber.defaultTimeout) -> ChildDescriber {
        ChildDescriber(program: program, timeout: timeout, environment: ["PATH": "/usr/bin:/bin", "CATENA_TEST_SLOT": "9", "ASAN_OPTIONS": sanitizer])
    }

    private static func code(_ result: Result<ModuleDescription, ModuleError>) -> ModuleError.Code? {
        if case .failure(let error) = result { error.code } else { nil }
    }

    @Test("one process describes twenty good modules, as well as this one could")
    func twenty() throws {
        let folder = try ModuleFolder()
        let path = try folder.build(as: "lib0.so")
        for number in 1..<20 { try FileManager.default.copyItem(atPath: path, toPath: folder.file("lib\(number).so")) }
        let files = try (0..<20).map { try ModuleFile(path: folder.file("lib\($0).so")) }
        let (results, processes) = Self.describer().describeCounting(files)
        #expect(processes == 1)
        #expect(results == InProcessDescriber().describe(files))
        #expect(try results.map { try $0.get().types[0].id } == [String](repeating: "pass", count: 20))
    }

    @Test("each module that ends the process costs one more, gets the blame alone, and the next ones are described", arguments: [
        ("constructor-crashes", "crashed with signal 11 (segmentation fault) while its constructors ran"),
        ("constructor-exits", "ended the process with status 3 while its constructors ran"),
        ("entry-crashes", "crashed with signal 7 (bus error) in its entry function, or while its tables were read"),
    ])
    func crashes(fixture: String, words: String) throws {
        let folder = try ModuleFolder()
        let good = try ModuleFile(path: folder.build(as: "libgood.so"))
        let bad = try (0..<3).map { number in
            let path = folder.file("libbad\(number).so")
            try FixtureModule.build(fixture, to: path)
            return try ModuleFile(path: path)
        }
        let (results, processes) = Self.describer().describeCounting([bad[0], good, bad[1], bad[2], good])
        #expect(processes == 4)
        #expect(results.map(Self.code) == [.crashed, nil, .crashed, .crashed, nil])
        for (result, file) in zip([results[0], results[2], results[3]], bad) {
            #expect(
                result == .failure(ModuleError(.crashed, "\(file.path): \(words), in a process of its own: mend the module, or rebuild it with this host's catena.h")))
        }
    }

    @Test("a module that does not come back is given up, wherever it hangs")
    func hangs() throws {
        let folder = try ModuleFolder()
        let files = try ["constructor-hangs", "good/pass", "entry-hangs", "good/pass"].enumerated().map { index, fixture in
            try ModuleFile(path: folder.build(fixture, as: "lib\(index).so"))
        }
        let (results, processes) = Self.describer(timeout: .seconds(3)).describeCounting(files)
        #expect(processes == 3)
        #expect(results.map(Self.code) == [.stuck, nil, .stuck, nil])
    }

    @Test("what a module refuses for comes back in its own words, and it sees the environment of the host")
    func refusal() throws {
        let folder = try ModuleFolder()
        let path = try folder.build("refuses", as: "libx.so")
        let (results, processes) = Self.describer().describeCounting([try ModuleFile(path: path)])
        #expect(processes == 1)
        #expect(results == [.failure(ModuleError(.refused, "\(path): the module refused ABI 1.0 to 1.0: no card in slot 9"))])
    }

    @Test("described is what was read, whatever has become of the file")
    func sameBytes() throws {
        let folder = try ModuleFolder()
        let file = try ModuleFile(path: folder.build(as: "libx.so", word: "old"))
        _ = try folder.build(as: "libx.so", word: "new")
        #expect(try Self.describer().describe([file])[0].get().name == "old")
    }

    @Test("a program that cannot be run, or does something else, is told once for each file, and is not tried for ever", arguments: [
        ("/nowhere/catena", "No such file or directory"), ("/bin/true", "it ended the process with status 0 before it had begun"),
    ])
    func noProgram(program: String, reason: String) throws {
        let folder = try ModuleFolder()
        let file = try ModuleFile(path: folder.build(as: "libx.so"))
        let results = ChildDescriber(program: program, environment: [:]).describe([file, file])
        let error = ModuleError(.cannotOpen, "\(file.path): there is no process to describe it in: \(reason)")
        #expect(results == [.failure(error), .failure(error)])
    }

    @Test("paths are read and described in their order, each with its own answer")
    func paths() throws {
        let folder = try ModuleFolder()
        let path = try folder.build(as: "libx.so")
        let results = Self.describer().describe([folder.file("missing.so"), path])
        #expect(results[0] == .failure(ModuleError(.notFound, "\(folder.path)/missing.so: No such file or directory")))
        #expect(try results[1].get().name == "good")
    }
}
