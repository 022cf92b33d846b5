// SPDX-License-Identifier: Apache-2.0
// A cache may make a start faster and must never make it wrong: here it is out of date, damaged, not ours, and in the way.

import CatenaChain
@testable import CatenaHost
import Foundation
import ModuleTestSupport
import Synchronization
import Testing

/// Describes, and counts what it was asked.
private final class CountingDescriber: ModuleDescriber {
    private let count = Mutex(0)

    var asked: Int {
        count.withLock { count in
            defer { count = 0 }
            return count
        }
    }

    func describe(_ files: [ModuleFile]) -> [Result<ModuleDescription, ModuleError>] {
        count.withLock { $0 += files.count }
        return InProcessDescriber().describe(files)
    }
}

@Suite("CachingDescriber")
struct CachingDescriberTests {
    private let counting = CountingDescriber()

    private func names(_ paths: String..., cache: String) throws -> [String] {
        try CachingDescriber(counting, folder: cache).describe(paths).map { try $0.get().name }
    }

    @Test("a file is described once, and again when it has changed")
    func remembers() throws {
        let folder = try ModuleFolder()
        let (x, y) = (try folder.build(as: "libx.so", word: "x"), try folder.build(as: "liby.so", word: "y"))
        let cache = folder.file("deep/cache")
        #expect(try names(x, cache: cache) == ["x"])
        #expect(counting.asked == 1)
        #expect(try names(y, x, y, cache: cache) == ["y", "x", "y"])
        #expect(counting.asked == 2)
        #expect(try names(x, y, cache: cache) == ["x", "y"])
        #expect(counting.asked == 0)
        _ = try folder.build(as: "libx.so", word: "z")
        #expect(try names(x, y, cache: cache) == ["z", "y"])
        #expect(counting.asked == 1)
        let mode = try FileManager.default.attributesOfItem(atPath: "\(cache)/modules.json")[.posixPermissions]
        #expect(mode as? Int == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: cache) == ["modules.json"])
    }

    @Test("only good answers are kept: what failed is told afresh")
    func failures() throws {
        let folder = try ModuleFolder()
        let path = try folder.build("refuses-silently", as: "libx.so")
        for _ in 0..<2 {
            #expect(throws: ModuleError.self) { try names(path, cache: folder.path) }
            #expect(counting.asked == 1)
        }
    }

    @Test("a cache that is damaged, of another host, or open to others counts as empty, and is replaced", arguments: [
        "", "{", "[]", #"{"host":"catena 0.0.0, element ABI 1.0","entries":[]}"#, "open",
    ])
    func unusable(text: String) throws {
        let folder = try ModuleFolder()
        let path = try folder.build(as: "libx.so", word: "x")
        #expect(try names(path, cache: folder.path) == ["x"])
        let cache = folder.file("modules.json")
        if text == "open" { chmod(cache, 0o666) } else { try Data(text.utf8).write(to: URL(filePath: cache)) }
        #expect(counting.asked == 1)
        #expect(try names(path, cache: folder.path) == ["x"])
        #expect(counting.asked == 1)
        #expect(try names(path, cache: folder.path) == ["x"])
        #expect(counting.asked == 0)
    }

    @Test("a cache that cannot be written is no error")
    func unwritable() throws {
        let folder = try ModuleFolder()
        let path = try folder.build(as: "libx.so", word: "x")
        #expect(try names(path, cache: "\(path)/cache") == ["x"])
        #expect(try names(path, cache: "/proc/cache") == ["x"])
        #expect(try CachingDescriber(counting, folder: nil).describe([path])[0].get().name == "x")
        #expect(counting.asked == 3)
    }

    @Test("it lies where caches lie")
    func place() {
        #expect(CachingDescriber.folder(["XDG_CACHE_HOME": "/c", "HOME": "/h"]) == "/c/catena")
        #expect(CachingDescriber.folder(["XDG_CACHE_HOME": "not/absolute", "HOME": "/h"]) == "/h/.cache/catena")
        #expect(CachingDescriber.folder([:]) == nil)
    }
}
