// SPDX-License-Identifier: Apache-2.0
// Modules as they come from outside: compiled here from a few lines of C, each wrong in one way, and the sentence that says so.

import CatenaABI
import Foundation
import Testing

@testable import CatenaChain

/// C sources made into shared libraries in a folder of their own.
private struct Workshop: ~Copyable {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "catena-modules-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        do { try FileManager.default.removeItem(at: folder) } catch { Issue.record(error) }
    }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    func compile(_ source: String, as name: String) throws -> String {
        let include = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/CatenaABI/include").path
        let file = path(name + ".c")
        try Data(("#include \"catena.h\"\n#include <stdio.h>\n#define S(t) { t, sizeof(t) - 1 }\n" + source).utf8).write(to: URL(filePath: file))
        let compiler = Process()
        compiler.executableURL = URL(filePath: "/usr/bin/env")
        compiler.arguments = ["cc", "-std=c11", "-Wall", "-Werror", "-shared", "-fPIC", "-I", include, "-o", path(name), file]
        try compiler.run()
        compiler.waitUntilExit()
        try #require(compiler.terminationStatus == 0)
        return path(name)
    }
}

@Suite("Module")
struct ModuleTests {
    private static let good = """
        static catena_verdict request(void *self, const catena_hop *hop) { (void)self; (void)hop; return CATENA_DONE; }
        static const catena_type type = { .struct_size = sizeof type, .id = S("pass"), .version = S("1.2"), .summary = S("passes"),
            .call_slot_size = 24, .request = request };
        static const catena_type *const types[] = { &type };
        static const char *const services[] = { "log/1", "timer/1", 0 };
        static const catena_module module = { .struct_size = sizeof module, .n_types = 1, .types = types, .name = S("good"),
            .version = S("3"), .built_with = S("cc"), .services = services };
        const catena_module *catena_module_v1(const catena_offer *offer, char *why, size_t cap) {
            (void)why; (void)cap; return offer->minor_min == 0 ? &module : 0; }
        """

    private static func refusal(_ path: String) -> (ModuleError.Code, String)? {
        do throws(ModuleError) {
            _ = try Module(path: path)
            return nil
        } catch {
            return (error.code, error.message)
        }
    }

    @Test("a good module is loaded, once for one file, and its types work in a chain")
    func good() throws {
        let workshop = try Workshop()
        let path = try workshop.compile(Self.good, as: "libpass.so")
        let loader = ModuleLoader(searchPath: ["/nowhere", workshop.folder.path])
        let (module, type) = try loader.load(type: "pass", from: nil)
        #expect(module.path == path && module.name == "good" && module.version == "3" && module.builtWith == "cc")
        #expect(type.id == "pass" && type.version == "1.2" && type.summary == "passes" && type.configSchema == "")
        try FileManager.default.createSymbolicLink(atPath: workshop.path("other.so"), withDestinationPath: path)
        #expect(try loader.load(type: "pass", from: workshop.path("other.so")).0 === module)
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

    @Test("what is not on the search path is said with every place that was looked at")
    func notFound() throws {
        let workshop = try Workshop()
        let loader = ModuleLoader(searchPath: ["/nowhere", workshop.folder.path])
        let error = #expect(throws: ModuleError.self) { try loader.load(type: "haal", from: nil) }
        #expect(error?.code == .notFound)
        #expect(
            error?.message == "no module for the element type \"haal\": looked for /nowhere/libhaal.so, \(workshop.folder.path)/libhaal.so")
        let path = try workshop.compile(Self.good, as: "libpass.so")
        let other = #expect(throws: ModuleError.self) { try loader.load(type: "heal", from: path) }
        #expect(other?.message == "\(path): offers no element type \"heal\", but \"pass\"")
    }

    @Test("a missing file, and one that is no library")
    func noLibrary() throws {
        let workshop = try Workshop()
        let missing = workshop.path("missing.so")
        #expect(try #require(Self.refusal(missing)) == (.notFound, "\(missing): No such file or directory"))
        let text = workshop.path("text.so")
        try Data("this is no library, only some text that is longer than the head of one".utf8).write(to: URL(filePath: text))
        #expect(try #require(Self.refusal(text)) == (.cannotOpen, "\(text): cannot be loaded: invalid ELF header"))
    }

    @Test("a library without an entry, and one of another major")
    func noEntry() throws {
        let workshop = try Workshop()
        let none = try workshop.compile("int answer = 42;", as: "none.so")
        #expect(
            try #require(Self.refusal(none)) == (
                .entryMissing,
                "\(none): exports no catena_module_v1, so it is not a Catena module (a Swift entry must be `@c(catena_module_v1) public func`)"
            ))
        let major = try workshop.compile("const void *catena_module_v2(void); const void *catena_module_v2(void) { return 0; }", as: "major.so")
        #expect(
            try #require(Self.refusal(major)) == (
                .wrongMajor, "\(major): speaks major 2 of the element ABI, this host speaks 1: rebuild the module with this host's catena.h"
            ))
    }

    @Test("a module that refuses says why in its own words")
    func refuses() throws {
        let workshop = try Workshop()
        let path = try workshop.compile(
            """
            const catena_module *catena_module_v1(const catena_offer *offer, char *why, size_t cap) {
                snprintf(why, cap, "needs minor 7, offered %u", offer->minor_max); return 0; }
            """, as: "refuses.so")
        #expect(try #require(Self.refusal(path)) == (.refused, "\(path): the module refused ABI 1.0 to 1.0: needs minor 7, offered 0"))
        let silent = try workshop.compile(
            "const catena_module *catena_module_v1(const catena_offer *o, char *w, size_t c) { (void)o; (void)w; (void)c; return 0; }",
            as: "silent.so")
        #expect(try #require(Self.refusal(silent)) == (.refused, "\(silent): the module refused ABI 1.0 to 1.0: it gave no reason"))
    }

    @Test("a module whose tables break a rule is refused with the rule", arguments: [
        ("\"timer/1\"", "\"anchor/1\"", "needs the host service \"anchor/1\", this host has log/1, call/1, message/1, connection/1, timer/1, client/1, chain/1: use a newer host"),
        ("sizeof module", "8", "a catena_module of 8 bytes: set struct_size, or rebuild it"),
        (".n_types = 1", ".abi_minor = 4, .n_types = 1", "was built for ABI 1.4, this host speaks 1.0 to 1.0: use a newer host, or rebuild the module with this host's catena.h"),
        (".n_types = 1", ".n_types = 0", "offers no element type"),
        ("{ &type }", "{ 0 }", "type number 0 of 1 is NULL"),
        ("{ &type }", "{ &type, &type }", ""),
        ("sizeof type,", "16,", "a catena_type of 16 bytes, this host needs \(MemoryLayout<catena_type>.size): set struct_size, or rebuild it"),
        ("S(\"pass\")", "S(\"Pass\")", "the type id \"Pass\" is not of the form [a-z0-9][a-z0-9._-]{0,63}"),
        (".call_slot_size = 24", ".call_slot_size = 70000", "type \"pass\" asks for a call_slot_size of 70000 bytes, at most 65536 are given"),
        (".call_slot_size = 24", ".flags = 0x40", "type \"pass\" sets flag bits 0x40 that this host does not know: it needs a newer host"),
        (".call_slot_size = 24", ".n_values = 2", "type \"pass\" says it has 2 values, and gives none"),
    ])
    func malformed(old: String, new: String, rule: String) throws {
        let workshop = try Workshop()
        var source = Self.good.replacing(old, with: new)
        if rule.isEmpty { source = source.replacing(".n_types = 1", with: ".n_types = 2") }
        let path = try workshop.compile(source, as: "wrong.so")
        let said = rule.isEmpty ? "offers the type \"pass\" twice" : rule
        #expect(try #require(Self.refusal(path)).1 == "\(path): \(said)")
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
