// SPDX-License-Identifier: Apache-2.0
// `catena inspect` with the modules that are shipped, and with some that cannot be used.

import Foundation
import Testing

@EndToEnd
@Suite("catena inspect")
struct InspectTests {
    @Test("without a name has a line for each type beside the program, config or not")
    func table() throws {
        try Workplace.with { place in
            let result = try Catena.run("inspect", in: place)
            #expect(result.exit == .status(0), "\(result.errors)")
            let lines = result.output.split(separator: "\n")
            #expect(lines.first?.hasPrefix("type ") == true)
            for type in ["clienturl", "connect", "logging", "monitor", "serialize", "updatepath"] {
                #expect(lines.filter { $0.hasPrefix("\(type) ") && $0.contains("/lib\(type).so") }.count == 1, "\(result.output)")
            }
        }
    }

    @Test("of a type tells its options with defaults, its values and its cost")
    func page() throws {
        try Workplace.with { place in
            let result = try Catena.run("inspect", "connect", in: place)
            #expect(result.exit == .status(0), "\(result.errors)")
            for line in [
                "\n  module      connect ", "\n    client            required  the name of a client chain",
                "\n    dialTimeout       \"5s\"      a duration such as \"5s\", above zero", "\n    consumes catena.clienturl, ", "\n    Request     request\n",
            ] {
                #expect(result.output.contains(line), "\(result.output)")
            }
            #expect(!result.output.contains("logging"))
        }
    }

    @Test("shows a path below the current folder relative to it, and that of a sibling in full")
    func paths() throws {
        try Workplace.with { place in
            let shell =
                #"mkdir a ab && cp "$libraries"/libconnect.so ab && chmod go-w ab/*.so && "$catena" inspect ab/libconnect.so && cd a && "$catena" inspect "${PWD%/a}"/ab/libconnect.so"#
            let libraries = String(Catena.path.dropLast("/catena".count))
            let child = try ChildProcess("bash", ["-c", shell], in: place.path, environment: ["catena": Catena.path, "libraries": libraries])
            defer { child.end() }
            #expect(try child.awaitExit() == .status(0), "\(child.errors)")
            let modules = child.output.split(separator: "\n").filter { $0.hasPrefix("  module ") }
            #expect(modules.count == 2)
            #expect(modules.first?.hasSuffix(", ab/libconnect.so") == true, "\(child.output)")
            #expect(modules.last?.hasSuffix(", \(place.path)/ab/libconnect.so") == true, "\(child.output)")
        }
    }

    @Test("refuses to give a module no time")
    func noTime() throws {
        try Workplace.with { place in
            let result = try Catena.run("validate", "--module-timeout", "0s", in: place)
            #expect(result.exit == .status(64))
            #expect(result.errors.contains("--module-timeout: 0s "), "\(result.errors)")
        }
    }

    @Test("as JSON has the keys that --help names")
    func keys() throws {
        try Workplace.with { place in
            let help = try Catena.run("inspect", "--help", in: place).output
            let documented = try #require(help.components(separatedBy: "KEYS OF --format json").last)
            let result = try Catena.run("inspect", "updatepath", "--format", "json", in: place)
            let report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
            let module = try #require((report["modules"] as? [[String: Any]])?.first)
            let type = try #require((module["types"] as? [[String: Any]])?.first)
            let option = try #require((type["options"] as? [[String: Any]])?.first)
            let cost = try #require(type["cost"] as? [String: Any])
            let keys = [report, module, type, option, cost].flatMap(\.keys)
            #expect(keys.count > 25)
            for key in keys { #expect(documented.contains(key), "\(key)") }
            #expect(option["key"] as? String == "name" && option["required"] as? Bool == true)
            #expect((type["configSchema"] as? [String: Any])?["title"] as? String == "updatepath")
        }
    }

    @Test("shows a module that cannot be used with its reason beside the others, and ends with 78")
    func unusable() throws {
        try Workplace.with { place in
            try place.write("not a library\n", to: "libodd.so")
            try CModule.build(CModule.source(type: "fine"), to: "libfine.so", in: place)
            try CModule.build("int other(void) { return 1; }", to: "librun.so", in: place)
            try place.write(Chains.chain(modulePath: ".", "\"fine\""), to: "chains.json")
            let result = try Catena.run("inspect", in: place)
            #expect(result.exit == .status(78))
            #expect(result.output.contains("\nfine "), "\(result.output)")
            #expect(result.output.contains("\nconnect "), "\(result.output)")
            #expect(result.output.contains("\ncannot be used:\n  \(place.path)/libodd.so: cannot be loaded: "), "\(result.output)")
            #expect(result.output.contains("\nno modules:\n  \(place.path)/librun.so: exports no catena_module_v1"), "\(result.output)")
        }
    }

    @Test("of a file shows what it offers, or why it cannot be used")
    func file() throws {
        try Workplace.with { place in
            try CModule.build(CModule.source(type: "fine"), to: "other.so", in: place)
            let fine = try Catena.run("inspect", "other.so", in: place)
            #expect(fine.exit == .status(0) && fine.output.hasPrefix("fine 1.0.0: does nothing\n"), "\(fine.output)")
            try CModule.build("int other(void) { return 1; }", to: "librun.so", in: place)
            let wrong = try Catena.run("inspect", "./librun.so", in: place)
            #expect(wrong.exit == .status(78) && wrong.output.hasPrefix("cannot be used:\n"), "\(wrong.output)")
        }
    }

    @Test("answers a name that is not there with 64 and the nearest that is", arguments: [("conect", "connect"), ("./nothing.so", "No such file")])
    func unknown(name: String, advice: String) throws {
        try Workplace.with { place in
            let result = try Catena.run("inspect", name, in: place)
            #expect(result.exit == .status(64))
            #expect(result.output.isEmpty && result.errors.contains(advice), "\(result.errors)")
        }
    }

    @Test("needs no sound chains file, but one whose module path can be told")
    func mistakes() throws {
        try Workplace.with { place in
            try CModule.build(CModule.source(type: "fine"), to: "libfine.so", in: place)
            try place.write(#"{ "modulePath": ["."], "chains": {} }"#, to: "chains.json")
            #expect(try Catena.run("inspect", "fine", in: place).exit == .status(0))
            try place.write(#"{ "modulePath": ".", "chains": {} }"#, to: "chains.json")
            let result = try Catena.run("inspect", "fine", in: place)
            #expect(result.exit == .status(78) && result.errors.contains("/modulePath: expected an array"), "\(result.errors)")
            #expect(try Catena.run("inspect", "--config", "none.json", in: place).exit == .status(78))
        }
    }
}
