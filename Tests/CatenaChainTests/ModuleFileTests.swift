// SPDX-License-Identifier: Apache-2.0
// Whose files are trusted, and that nothing which happens to a file afterwards reaches the module that was made of it.

import CatenaABI
import Foundation
import ModuleTestSupport
import Testing

@testable import CatenaChain

@Suite("ModuleFile")
struct ModuleFileTests {
    private static func refusal(_ path: String) -> ModuleError? {
        do throws(ModuleError) {
            _ = try ModuleFile(path: path)
            return nil
        } catch {
            return error
        }
    }

    private static func text(of file: ModuleFile) throws -> String {
        try file.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test("a file that everyone may write to is refused with the command that ends it, and permitted with a warning")
    func writableFile() throws {
        let folder = try ModuleFolder()
        let path = folder.file("libx.so")
        try Data("x".utf8).write(to: URL(filePath: path))
        for mode: mode_t in [0o644, 0o600, 0o755] {
            chmod(path, mode)
            #expect(Self.refusal(path) == nil)
        }
        chmod(path, 0o646)
        let reason = "\(path): others may change it: it is writable by everyone (mode 0646): chmod o-w \(path)"
        #expect(Self.refusal(path) == ModuleError(.writable, "\(reason), or permit it with --allow-writable"))
        #expect(try ModuleFile(path: path, allowWritable: true).warning == reason)
    }

    @Test("a folder that everyone may write to is refused, unless it is sticky")
    func writableFolder() throws {
        let folder = try ModuleFolder()
        let path = folder.file("libx.so")
        try Data("x".utf8).write(to: URL(filePath: path))
        chmod(folder.path, 0o777)
        #expect(
            Self.refusal(path)?.message
                == "\(path): others may change it: its folder \(folder.path) is writable by everyone (mode 0777): chmod o-w \(folder.path), or permit it with --allow-writable")
        chmod(folder.path, 0o1777)
        #expect(Self.refusal(path) == nil)
    }

    @Test("behind a symbolic link both folders count: that of the link, and that of the file")
    func links() throws {
        let here = try ModuleFolder()
        let there = try ModuleFolder()
        let link = here.file("libx.so")
        try Data("x".utf8).write(to: URL(filePath: there.file("libx.so.1")))
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: there.file("libx.so.1"))
        #expect(Self.refusal(link) == nil)
        chmod(there.path, 0o777)
        #expect(try #require(Self.refusal(link)).message.contains("its folder \(there.path) is writable by everyone"))
        chmod(there.path, 0o700)
        chmod(here.path, 0o777)
        #expect(try #require(Self.refusal(link)).message.contains("its folder \(here.path) is writable by everyone"))
    }

    @Test("a group that may write is others, unless it is the owner's private one", .enabled(if: geteuid() == 0, "only root gives files away"))
    func groups() throws {
        let folder = try ModuleFolder()
        let path = folder.file("libx.so")
        try Data("x".utf8).write(to: URL(filePath: path))
        chmod(path, 0o664)
        chown(path, 0, 0)
        #expect(Self.refusal(path) == nil)
        chown(path, 0, 1)
        #expect(
            try #require(Self.refusal(path)).message.hasPrefix("\(path): others may change it: it is writable by the group daemon (mode 0664): chmod g-w \(path)"))
        chown(path, 1, 1)
        #expect(
            try #require(Self.refusal(path)).message.hasPrefix(
                "\(path): others may change it: it belongs to the user daemon, who is neither root nor the one who runs this host: chown it"))
    }

    @Test("a file that belongs to a stranger is refused, however its mode is")
    func owners() throws {
        let folder = try ModuleFolder()
        let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY)
        defer { close(descriptor) }
        var information = stat()
        #expect(fstat(descriptor, &information) == 0)
        #expect(WriteAccess(trusted: [geteuid()]).problem(ofFile: folder.path, descriptor, information) == nil)
        let problem = WriteAccess(trusted: [geteuid() + 1]).problem(ofFile: folder.path, descriptor, information)
        #expect(try #require(problem).hasSuffix(", who is neither root nor the one who runs this host: chown it"))
    }

    @Test("what is no regular file is refused, and a named pipe is not waited for")
    func kinds() throws {
        let folder = try ModuleFolder()
        #expect(Self.refusal(folder.path)?.message == "\(folder.path): is a folder, not a regular file: name the library itself")
        let pipe = folder.file("pipe.so")
        mkfifo(pipe, 0o600)
        #expect(Self.refusal(pipe)?.message == "\(pipe): is a named pipe, not a regular file: name the library itself")
        #expect(Self.refusal("/dev/zero")?.message == "/dev/zero: is a device, not a regular file: name the library itself")
    }

    @Test("what happens to the file afterwards is not seen, and nobody can write to the copy")
    func sealed() throws {
        let folder = try ModuleFolder()
        let path = folder.file("libx.so")
        try Data("before".utf8).write(to: URL(filePath: path))
        let file = try ModuleFile(path: path)
        try Data("after, and longer".utf8).write(to: URL(filePath: path), options: [])
        truncate(path, 3)
        #expect(try Self.text(of: file) == "before")
        #expect(write(file.descriptor, "x", 1) == -1 && errno == EPERM)
        #expect(ftruncate(file.descriptor, 0) == -1 && errno == EPERM)
        #expect(mmap(nil, 6, PROT_READ | PROT_WRITE, MAP_SHARED, file.descriptor, 0) == MAP_FAILED)
        let later = try ModuleFile(path: path)
        #expect(later.identity != file.identity)
        #expect(try Self.text(of: later) == "aft")
    }

    @Test("a module survives that its file is overwritten, bears its file's name in memory, and its errors name its path")
    func loaded() throws {
        let folder = try ModuleFolder()
        let path = try folder.build(as: "libwell-named.so")
        let module = try Module(path: path)
        let first = module.types[0].table.request
        truncate(path, 0)
        var hop = catena_hop()
        #expect(first?(nil, &hop) == 0)
        // In pieces: a file of /proc does not know its length.
        let maps = try #require(try FileHandle(forReadingAtPath: "/proc/self/maps")?.readToEnd())
        #expect(String(decoding: maps, as: UTF8.self).contains("memfd:libwell-named.so"))
        let error = #expect(throws: ModuleError.self) { try Module(path: path) }
        #expect(error?.message == "\(path): cannot be loaded: file too short (it is no shared library for this machine)")
    }

    @Test("the new file at an old path is the new module, not the one that the loader remembers")
    func replaced() throws {
        let folder = try ModuleFolder()
        let path = try folder.build(as: "libx.so", word: "old")
        #expect(try Module(path: path).name == "old")
        _ = try folder.build(as: "libx.so", word: "new")
        #expect(try Module(path: path).name == "new")
    }
}
