// SPDX-License-Identifier: Apache-2.0
// A folder for one test, short enough in its name that a Unix socket's path fits.

import Foundation

/// A folder of one test's own, with the files it writes; gone when the test has ended.
struct Workplace {
    let path: String

    static func with<T>(_ body: (Workplace) throws -> T) throws -> T {
        let place = try Workplace()
        defer { place.remove() }
        return try body(place)
    }

    /// A folder that its maker removes.
    init() throws {
        var template = Array("/tmp/catena-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: file(name), atomically: true, encoding: .utf8)
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }
}
