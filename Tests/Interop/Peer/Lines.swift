// SPDX-License-Identifier: Apache-2.0
// The lines between a peer and the scenario that drives it. Answers come in the order in which things end, so each carries the
// number of its command.

import CatenaGRPC
import Foundation
import Glibc
import Synchronization

/// A line from the scenario. Which fields count depends on `command`; durations are milliseconds.
struct Command: Decodable, Sendable {
    var id: Int
    var command: String
    var method: String?
    var payload: String?
    var size: Int?
    var metadata: [[String]]?
    var timeout: Int?
    var wait: Bool?
    var gzip: Bool?
    var count: Int?
    var concurrency: Int?
    var cancelAfter: Int?
    var pauseAfter: Int?
    var pause: Int?
    var code: Int?
}

/// A line to the scenario. `code` is the gRPC status as a number; `message` without a code says that the command was not understood.
struct Answer: Encodable, Sendable {
    var id: Int?
    var code: Int?
    var message: String?
    var metadata: [[String]]?
    var trailers: [[String]]?
    var payload: String?
    var size: Int?
    /// The payload came back as it was sent.
    var intact: Bool?
    var count: Int?
    /// Milliseconds from the command to its end.
    var took: Double?
    /// How many calls ended with which status, for commands of many calls.
    var codes: [String: Int]?
    /// The text of the first call that failed.
    var failure: String?
    var counters: [String: Int]?
    var port: Int?
}

enum Lines {
    private static let lock = Mutex(())

    /// The next command; nil at the end of the input.
    static func read() throws -> Command? {
        guard let line = readLine() else { return nil }
        return try JSONDecoder().decode(Command.self, from: Data(line.utf8))
    }

    static func write(_ answer: Answer) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        guard var line = try? encoder.encode(answer) else { end(1) }
        line.append(UInt8(ascii: "\n"))
        lock.withLock { _ in FileHandle.standardOutput.write(line) }
    }

    static func end(_ status: CInt) -> Never { exit(status) }
}

extension GRPCMetadata {
    /// Pairs as scenarios write them; the value of a name in `-bin` is hexadecimal.
    init(_ pairs: [[String]]) throws {
        self.init()
        for pair in pairs {
            guard pair[0].hasSuffix("-bin") else {
                try add(pair[0], pair[1])
                continue
            }
            let digits = Array(pair[1])
            let bytes = stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
            try add(pair[0], binary: bytes)
        }
    }

    var pairs: [[String]] {
        entries.map { entry in
            switch entry.value {
            case .text(let text): [entry.name, text]
            case .binary(let bytes): [entry.name, bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()]
            }
        }
    }
}
