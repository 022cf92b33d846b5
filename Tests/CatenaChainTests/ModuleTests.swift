// SPDX-License-Identifier: Apache-2.0
// Modules as they come from outside, and the loader that finds them. What is wrong with modules, one way each, is told in
// Tests/Fixtures/modules and tried by the end-to-end tests.

import CatenaABI
import Foundation
import ModuleTestSupport
import Testing

@testable import CatenaChain

@Suite("Module")
struct ModuleTests {
    @Test("a good module is loaded, once for one file, and its types work in a chain")
    func good() throws {
        let folder = try ModuleFolder()
        let path = try folder.build(as: "libpass.so")
        let loader = ModuleLoader(searchPath: ["/nowhere", folder.path])
        let (module, type) = try loader.load(type: "pass", from: nil)
        #expect(module.path == path && module.name == "good" && module.version == "1" && module.builtWith == "cc")
        #expect(type.id == "pass" && type.version == "1" && type.summary == "only for tests" && type.configSchema == "")
        try FileManager.default.createSymbolicLink(atPath: folder.file("other.so"), withDestinationPath: path)
        #expect(try loader.load(type: "pass", from: folder.file("other.so")).0 === module)
        #expect(loader.modules.count == 1)
        #expect(loader.typesOnSearchPath() == ["pass"])

        let journal = Journal()
        let bank = MessageBank()
        let loop = ManualLoop(clock: ManualClock())
        let engine = try Engine(
            [ChainSpec(name: "chain", isServed: true, elements: [ElementSpec(name: "pass", type: type)])], loops: [loop],
            messages: TestMessage.api, transports: ScriptedTransports(journal: journal, deferred: Deferred(), bank: bank), log: TestLog())
        let home = try #require(engine.home(of: loop))
        loop.enter {
            engine.begin(
                .request, on: engine.served[0], message: bank.owned(id: "id"), deadline: 0, caller: TestCaller(name: "caller", journal: journal),
                home: home)
        }
        #expect(journal.lines == ["caller OK"])
        engine.discard()
    }

    @Test("the values of a module built with a later header, whose entries are longer, are read by its own stride")
    func stride() throws {
        let folder = try ModuleFolder()
        let values = try Module(path: folder.build(as: "libpass.so")).types[0].values
        #expect(values.map(\.key) == ["pass.first", "pass.second"])
        #expect(values.map(\.size) == [4, 16] && values.map(\.align) == [4, 8])
    }

    @Test("what is not on the search path is said with every place that was looked at")
    func notFound() throws {
        let folder = try ModuleFolder()
        let loader = ModuleLoader(searchPath: ["/nowhere", folder.path])
        let error = #expect(throws: ModuleError.self) { try loader.load(type: "haal", from: nil) }
        #expect(error?.code == .notFound)
        #expect(
            error?.message == "no module for the element type \"haal\": looked for /nowhere/libhaal.so, \(folder.path)/libhaal.so")
        let path = try folder.build(as: "libpass.so")
        let other = #expect(throws: ModuleError.self) { try loader.load(type: "heal", from: path) }
        #expect(other?.message == "\(path): offers no element type \"heal\", but \"pass\"")
        let missing = #expect(throws: ModuleError.self) { try loader.load(type: "pass", from: folder.file("missing.so")) }
        #expect(missing == ModuleError(.notFound, "\(folder.path)/missing.so: No such file or directory"))
    }

    @Test("a value must have a key, a size and an align that exist", arguments: [
        ("", UInt32(8), UInt32(8)), ("k", 0, 8), ("k", 5000, 8), ("k", 8, 3), ("k", 8, 32),
    ])
    func values(key: String, size: UInt32, align: UInt32) throws {
        let element = ScriptedElement("a")
        element.values = [.init(key: key, flags: CATENA_VALUE_PROVIDES, size: size, align: align)]
        let error = #expect(throws: ModuleError.self) { try element.spec() }
        #expect(
            error?.message
                == "type \"a\" declares the value \"\(key)\" with size \(size) and align \(align): it needs a key, 1 to 4096 bytes and an align of 1, 2, 4, 8 or 16")
    }

    @Test("a module that is linked into the program shakes hands in the same way")
    func linkedIn() throws {
        let refused = #expect(throws: ModuleError.self) {
            try Module(entry: { offer, why, size in
                guard let offer, let why, size > 5 else { return nil }
                for (index, byte) in "1.\(offer.pointee.minor_max)?".utf8.enumerated() { why[index] = CChar(bitPattern: byte) }
                return nil
            }, path: "linked in")
        }
        #expect(refused?.description == "linked in: the module refused ABI 1.0 to 1.0: 1.0?")
    }
}
