// SPDX-License-Identifier: Apache-2.0
// A shared library as a host opens it: one symbol, and never closed. Opened here and not by the engine's loader, because a
// bench stands between the engine and the type to see what passes.
internal import CatenaABI
internal import CatenaChain
internal import Glibc

enum OpenedLibrary {
    static func entry(in path: String) throws(BenchError) -> EntryLoan.Entry {
        guard access(path, R_OK) == 0 else {
            throw BenchError("\(path): \(String(cString: strerror(errno))): build the module first, as `swift build` and `swift test` do")
        }
        guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) else {
            throw BenchError("\(path): cannot be loaded: \(dlerror().map { String(cString: $0) } ?? "no reason given")")
        }
        guard let symbol = dlsym(library, "catena_module_v\(CATENA_ABI_MAJOR)") else {
            throw BenchError("\(path): exports no catena_module_v\(CATENA_ABI_MAJOR): a Swift entry must be `@c(catena_module_v\(CATENA_ABI_MAJOR)) public func`")
        }
        return unsafeBitCast(symbol, to: EntryLoan.Entry.self)
    }

    /// The folder of the program that runs: SwiftPM puts products beside the test bundle, which on Linux is the program.
    static func ownFolder() -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let path = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }
}
