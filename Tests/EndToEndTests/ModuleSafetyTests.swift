// SPDX-License-Identifier: Apache-2.0
// Between the file that was checked and the code that runs nothing may come: not another user, not another file, not a write.

import Foundation
import ModuleTestSupport
import Testing

@EndToEnd
@Suite("modules are loaded safely")
struct ModuleSafetyTests {
    private static let config = Chains.chain(modulePath: ".", #""pass""#)

    private func result(of place: Workplace, _ config: String = config, _ options: String...) throws -> Catena.Result {
        try place.write(config, to: "chains.json")
        let child = try Catena.start(["validate"] + options, in: place, environment: ["XDG_CACHE_HOME": place.file("cache")])
        defer { child.end() }
        return Catena.Result(exit: try child.awaitExit(), output: child.output, errors: child.errors)
    }

    @Test("a host goes on when the files of its modules are overwritten, cut off and removed")
    func overwritten() throws {
        try Workplace.with { place in
            try FixtureModule.build("good/pass", to: place.file("libpass.so"))
            for name in ["libupdatepath.so", "libserialize.so"] {
                try FileManager.default.copyItem(atPath: "\(Catena.folder)/\(name)", toPath: place.file(name))
            }
            let config = Chains.chain(modulePath: ".", #""pass""#, Chains.updatepath("here"), #""serialize""#)
            try RunningHost.with(config, in: place) { host in
                for name in ["libpass.so", "libupdatepath.so", "libserialize.so"] {
                    let file = try #require(FileHandle(forWritingAtPath: place.file(name)))
                    let size = try file.seekToEnd()
                    try file.seek(toOffset: 0)
                    try file.write(contentsOf: Data(repeating: 0xcc, count: Int(size)))
                    try file.truncate(atOffset: 10)
                    try file.close()
                }
                let url = try host.url(of: "chain")
                #expect(try Catena.request(url, in: place).names == ["client", "here"])
                try FileManager.default.removeItem(atPath: place.file("libpass.so"))
                #expect(try Catena.request(url, in: place, id: "again").id != "")
                #expect(try host.stop() == .status(0))
            }
        }
    }

    @Test("when a host is ready, no describing process and no pipe to one is left")
    func nothingLeft() throws {
        try Workplace.with { place in
            try FixtureModule.build("good/pass", to: place.file("libpass.so"))
            try RunningHost.with(Self.config, in: place, environment: ["XDG_CACHE_HOME": place.file("cache")]) { host in
                let process = "/proc/\(host.process.pid)"
                #expect(place.exists("cache/catena/modules.json"))
                let tasks = try FileManager.default.contentsOfDirectory(atPath: "\(process)/task")
                let children = tasks.compactMap { try? String(contentsOfFile: "\(process)/task/\($0)/children", encoding: .utf8) }.joined()
                #expect(children == "")
                let open = try FileManager.default.contentsOfDirectory(atPath: "\(process)/fd").filter { (Int($0) ?? 0) > 2 }
                    .map { try FileManager.default.destinationOfSymbolicLink(atPath: "\(process)/fd/\($0)") }
                #expect(!open.contains { $0.hasPrefix("pipe:") })
                #expect(open.filter { $0.contains("memfd:") } == ["/memfd:libpass.so (deleted)"])
            }
        }
    }

    @Test("a module that others may change is refused, and --allow-writable makes it a warning, also for serve")
    func writable() throws {
        try Workplace.with { place in
            try FixtureModule.build("good/pass", to: place.file("libpass.so"))
            chmod(place.file("libpass.so"), 0o666)
            let refused = try result(of: place)
            let said = "\(place.path)/libpass.so: others may change it: it is writable by everyone (mode 0666): chmod o-w \(place.path)/libpass.so"
            #expect(refused.exit == .status(78))
            #expect(refused.errors.hasPrefix("chains.json:7:9: error: /chains/chain/elements/0: \(said), or permit it with --allow-writable\n"))
            let permitted = try result(of: place, Self.config, "--allow-writable")
            #expect(permitted.exit == .status(0))
            #expect(permitted.errors.hasPrefix("chains.json:7:9: warning: /chains/chain/elements/0: \(said)\n"))
            let host = try Catena.start(["serve", "--allow-writable"], in: place)
            defer { host.end() }
            try host.awaitError("catena: ready")
            #expect(host.errors.contains("warning: /chains/chain/elements/0: \(said)\n"))
        }
    }

    @Test("a pin must be the hash of the file; where all are required, the message has the one to write")
    func pins() throws {
        try Workplace.with { place in
            try FixtureModule.build("good/pass", to: place.file("libpass.so"))
            let path = "\(place.path)/libpass.so"
            let unpinned = Self.config.replacingOccurrences(of: "{\n  \"modulePath\"", with: "{\n  \"requirePins\": true,\n  \"modulePath\"")
            let missing = try result(of: place, unpinned)
            let head = "chains.json:8:9: error: /chains/chain/elements/0: every element needs a \"sha256\" here (\"requirePins\" is true): if \(path) is the module you mean, write "
            #expect(missing.exit == .status(78))
            let line = try #require(missing.errors.split(separator: "\n").first)
            #expect(line.hasPrefix(head))
            // As a reader would: what the message says is pasted into the file.
            let pinned = unpinned.replacingOccurrences(of: #""pass""#, with: line.dropFirst(head.count))
            #expect(try result(of: place, pinned).exit == .status(0))

            try FixtureModule.build("good/pass", to: place.file("libpass.so"), "WORD=other")
            let changed = try result(of: place, pinned)
            #expect(changed.exit == .status(78))
            #expect(changed.errors.hasPrefix("chains.json:8:40: error: /chains/chain/elements/0/sha256: \(path): is another file than this: its SHA-256 is "))
            #expect(changed.errors.contains("; write that if the change was meant\n"))
        }
    }

    @Test("a module with a wrong pin is not opened, not even in a process of its own")
    func pinnedBeforeOpened() throws {
        try Workplace.with { place in
            try FixtureModule.build("constructor-crashes", to: place.file("libodd.so"))
            let pin = String(repeating: "0", count: 64)
            let result = try result(of: place, Chains.chain(modulePath: ".", #"{ "element": "odd", "sha256": "\#(pin)" }"#))
            #expect(result.exit == .status(78))
            #expect(result.errors.contains("is another file than this"))
            #expect(!result.errors.contains("crashed"))
        }
    }

    @Test("a module that needs a library from its own folder is told why that is not found")
    func neighbour() throws {
        try Workplace.with { place in
            try FixtureModule.build("good/pass", to: place.file("libneighbour.so"))
            let compiler = try ChildProcess(
                "clang", ["-shared", "-fPIC", "-o", "libodd.so", "-Wl,--no-as-needed,-rpath,$ORIGIN", "-L.", "-lneighbour", "-x", "c", "/dev/null"],
                in: place.path)
            defer { compiler.end() }
            #expect(try compiler.awaitExit() == .status(0), "\(compiler.errors)")
            let result = try result(of: place, Chains.chain(modulePath: ".", #""odd""#))
            #expect(
                result.errors.contains(
                    "libodd.so: cannot be loaded: libneighbour.so: cannot open shared object file: No such file or directory (a library that it needs: $ORIGIN does not lead to a module's folder, so install that library where the system looks, or link it into the module)"))
        }
    }
}
