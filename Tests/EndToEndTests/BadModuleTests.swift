// SPDX-License-Identifier: Apache-2.0
// Libraries that are not what the config takes them for. Each is compiled here, from a few lines of C against the header that
// is shipped, and each is refused at the place in chains.json that names it.

import Testing

@EndToEnd
@Suite("a module that cannot be used is refused at its place in chains.json")
struct BadModuleTests {
    /// What is wrong with a library, and what the host says about it.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// nil: the file is text.
        let source: String?
        let message: String
    }

    nonisolated static let cases = [
        Case(testDescription: "text", source: nil, message: "cannot be loaded: "),
        Case(
            testDescription: "no entry function", source: "int other(void) { return 1; }",
            message: "exports no catena_module_v1, so it is not a Catena module"),
        Case(
            testDescription: "another major", source: "const void *catena_module_v2(void) { return 0; }",
            message: "speaks major 2 of the element ABI, this host speaks 1: rebuild the module with this host's catena.h"),
        Case(
            testDescription: "a refusal",
            source: """
                #include "catena.h"
                #include <stdio.h>
                const catena_module *catena_module_v1(const catena_offer *offer, char *why, size_t cap) {
                    snprintf(why, cap, "no card in slot %u", offer->minor_min);
                    return NULL;
                }
                """,
            message: "the module refused ABI 1.0 to 1.0: no card in slot 0"),
        Case(
            testDescription: "a newer minor",
            source: """
                #include "catena.h"
                static const catena_module module = { .struct_size = sizeof(catena_module), .abi_minor = CATENA_ABI_MINOR + 1 };
                const catena_module *catena_module_v1(const catena_offer *offer, char *why, size_t cap) {
                    (void)offer, (void)why, (void)cap;
                    return &module;
                }
                """,
            message: "this host speaks 1.0 to 1.0: use a newer host"),
        Case(
            testDescription: "no type",
            source: """
                #include "catena.h"
                static const catena_module module = { .struct_size = sizeof(catena_module) };
                const catena_module *catena_module_v1(const catena_offer *offer, char *why, size_t cap) {
                    (void)offer, (void)why, (void)cap;
                    return &module;
                }
                """,
            message: "offers no element type"),
    ]

    @Test("found by type on the module path", arguments: cases)
    func byType(wrong: Case) throws {
        try Workplace.with { place in
            try library(wrong, in: place)
            try place.write(Chains.chain(modulePath: ".", "\"odd\""), to: "chains.json")
            let result = try Catena.run("validate", in: place)
            #expect(result.exit == .status(78))
            #expect(result.errors.hasPrefix("chains.json:7:9: error: /chains/chain/elements/0: "), "\(result.errors)")
            #expect(result.errors.contains("libodd.so: "), "\(result.errors)")
            #expect(result.errors.contains(wrong.message), "\(result.errors)")
        }
    }

    @Test("named with \"module\"", arguments: [cases[0]])
    func byName(wrong: Case) throws {
        try Workplace.with { place in
            try library(wrong, in: place)
            try place.write(Chains.chain(#"{ "element": "odd", "module": "libodd.so" }"#), to: "chains.json")
            let result = try Catena.run("validate", in: place)
            #expect(result.exit == .status(78))
            #expect(result.errors.hasPrefix("chains.json:6:39: error: /chains/chain/elements/0/module: "), "\(result.errors)")
            #expect(result.errors.contains(wrong.message), "\(result.errors)")
        }
    }

    private func library(_ wrong: Case, in place: Workplace) throws {
        guard let source = wrong.source else { return try place.write("not a library\n", to: "libodd.so") }
        try place.write(source + "\n", to: "odd.c")
        // The C compiler that comes with Swift.
        let compiler = try ChildProcess(
            "clang",
            ["-std=c11", "-shared", "-fPIC", "-I", "\(Catena.package)/Sources/CatenaABI/include", "-o", "libodd.so", "odd.c"],
            in: place.path)
        defer { compiler.end() }
        guard try compiler.awaitExit() == .status(0) else { throw Catena.Failed(description: compiler.errors) }
    }
}
