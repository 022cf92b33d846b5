// SPDX-License-Identifier: Apache-2.0
// Modules as they come from outside: the C files of Tests/Fixtures/modules, compiled by whoever needs one, against the header that
// is shipped and with the compiler that comes with Swift.

public import Foundation

/// A C file of Tests/Fixtures/modules.
public enum FixtureModule {
    public struct Failed: Error, CustomStringConvertible {
        public let description: String
    }

    /// Where the files lie.
    public static let folder = package.appending(path: "Tests/Fixtures/modules")

    private static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Makes a library.
    ///
    /// - Parameters:
    ///   - name: of the file, without `.c`; `good/pass` is the one that nothing is wrong with.
    ///   - file: where the library is put.
    ///   - definitions: macros, such as `ID=one`.
    public static func build(_ name: String, to file: String, _ definitions: String...) throws {
        let compiler = Process()
        compiler.executableURL = URL(filePath: "/usr/bin/env")
        compiler.arguments =
            ["clang", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Wno-initializer-overrides", "-shared", "-fPIC"]
            + definitions.map { "-D\($0)" }
            + ["-I", package.appending(path: "Sources/CatenaABI/include").path, "-o", file, folder.appending(path: "\(name).c").path]
        let said = FileHandle(forWritingAtPath: "/dev/null")
        let errors = Pipe()
        compiler.standardOutput = said
        compiler.standardError = errors
        try compiler.run()
        let text = try errors.fileHandleForReading.readToEnd() ?? Data()
        compiler.waitUntilExit()
        guard compiler.terminationStatus == 0 else { throw Failed(description: "\(name).c: \(String(decoding: text, as: UTF8.self))") }
    }
}

/// A folder of one test's own, which only its user may change; gone with its last use.
public struct ModuleFolder: ~Copyable {
    public let path: String

    public init() throws {
        var template = Array("/tmp/catena-modules-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes a library in this folder and gives its path.
    public func build(_ fixture: String = "good/pass", as name: String, id: String = "pass", word: String = "good") throws -> String {
        try FixtureModule.build(fixture, to: file(name), "ID=\(id)", "WORD=\(word)")
        return file(name)
    }
}
