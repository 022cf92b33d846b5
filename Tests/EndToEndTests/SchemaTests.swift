// SPDX-License-Identifier: Apache-2.0
// `catena schema` with modules of every kind; what it accepts and refuses is tried by .ci/schema.sh, with a validator of others.

import Foundation
import Testing

@EndToEnd
@Suite("catena schema")
struct SchemaTests {
    @Test("has the config of each module, by the module path and by name, and goes on without those that cannot be used")
    func merged() throws {
        try Workplace.with { place in
            try place.write("not a library\n", to: "libodd.so")
            try CModule.build(CModule.source(type: "fine", schema: #"{"title":"of fine"}"#), to: "libfine.so", in: place)
            try CModule.build(CModule.source(type: "far", schema: #"{"title":"of far"}"#), to: "elsewhere.bin", in: place)
            try CModule.build(CModule.source(type: "broken", schema: "{"), to: "libbroken.so", in: place)
            try place.write(
                Chains.chain(modulePath: ".", "\"fine\"", #"{ "element": "far", "module": "elsewhere.bin" }"#), to: "chains.json")
            let result = try Catena.run("schema", in: place)
            #expect(result.exit == .status(78))
            #expect(result.errors.contains("libodd.so: cannot be loaded: "), "\(result.errors)")
            #expect(result.errors.contains("libbroken.so: the config schema of \"broken\" is of no use: it is not JSON"), "\(result.errors)")
            let schema = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
            let titles = (schema["$defs"] as? [String: [String: Any]])?.values.compactMap { $0["title"] as? String } ?? []
            #expect(Set(titles).isSuperset(of: ["of fine", "of far", "connect", "logging"]), "\(titles)")
            #expect(result.output.contains(#""module": { "const": "elsewhere.bin" }"#))
        }
    }

    @Test("is the same each time, and says nothing else")
    func stable() throws {
        try Workplace.with { place in
            let first = try Catena.run("schema", in: place)
            #expect(first.exit == .status(0) && first.errors.isEmpty)
            #expect(try Catena.run("schema", in: place).output == first.output)
        }
    }
}
