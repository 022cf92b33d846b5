// SPDX-License-Identifier: Apache-2.0
// A socket that cannot be made or reached is nearly always a matter of its folder or of its owner; the words must say which.

@testable import CatenaHost
import Foundation
import Testing

@Suite("the place of a socket")
struct SocketPlaceTests {
    @Test("is told to be missing, or to be no folder, with its name; a good one is no obstacle")
    func obstacle() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/catena-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data().write(to: URL(filePath: "\(folder)/file"))
        #expect(SocketPlace.obstacle(at: "\(folder)/s.sock") == nil)
        #expect(SocketPlace.obstacle(at: "\(folder)/no/s.sock") == "there is no folder \(folder)/no: make it, or name another path")
        #expect(SocketPlace.obstacle(at: "\(folder)/file/s.sock") == "\(folder)/file is a file, not a folder: name another path")
        #expect(SocketPlace.obstacle(at: "\(folder)/file/a/s.sock")?.contains("a part of it is a file") == true)
    }

    @Test("that gives no answer says what to do: start a host, or ask as its owner", arguments: [
        (ENOENT, nil, "there is no such socket. Start a host with \"catena serve\""), (EACCES, 1234, "Ask as user 1234, who started the host, or root"),
        (EACCES, nil, "Ask as the user who started the host, or root"), (0, 0, "\"catena serve\" makes the socket anew"),
    ] as [(CInt, uid_t?, String)])
    func silence(code: CInt, owner: uid_t?, words: String) {
        #expect(SocketPlace.reasonForSilence(at: "/run/x.sock", code: code, owner: owner).contains(words))
    }
}
