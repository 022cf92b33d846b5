// SPDX-License-Identifier: Apache-2.0
// A module of one type, compiled from C while the test runs: what no bundled module says of itself is said by one of these.

/// Sources of modules, and the compiler that comes with Swift.
enum CModule {
    /// A module that offers one type with no hooks.
    ///
    /// - Parameter schema: the JSON Schema of its config.
    static func source(type: String, schema: String = "") -> String {
        let quoted = schema.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
        return """
            #include "catena.h"
            #define TEXT(s) { s, sizeof s - 1 }
            static const catena_type type = {
                .struct_size = sizeof(catena_type), .id = TEXT("\(type)"), .version = TEXT("1.0.0"), .summary = TEXT("does nothing"),
                .config_schema = TEXT("\(quoted)"),
            };
            static const catena_type *const types[] = { &type };
            static const catena_module module = {
                .struct_size = sizeof(catena_module), .n_types = 1, .types = types, .name = TEXT("\(type)"), .version = TEXT("1.0.0"),
                .built_with = TEXT("clang"),
            };
            const catena_module *catena_module_v1(const catena_offer *offer, char *why, size_t cap) {
                (void)offer, (void)why, (void)cap;
                return &module;
            }

            """
    }

    /// Compiles C into a library in the workplace.
    static func build(_ source: String, to library: String, in place: Workplace) throws {
        try place.write(source, to: "\(library).c")
        let compiler = try ChildProcess(
            "clang",
            ["-std=c11", "-shared", "-fPIC", "-I", "\(Catena.package)/Sources/CatenaABI/include", "-o", library, "\(library).c"],
            in: place.path)
        defer { compiler.end() }
        guard try compiler.awaitExit() == .status(0) else { throw Catena.Failed(description: compiler.errors) }
    }
}
