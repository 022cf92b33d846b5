// SPDX-License-Identifier: Apache-2.0
// What the describing process tells its parent, one line of JSON each. It says what it is about to do before it does it, so that
// its last line tells what ended it.

internal import CatenaChain
internal import FoundationEssentials

/// A line from the describing process; the number is the file's, counted from 0 in the list that the process was given.
enum DescribingReport: Codable, Equatable {
    /// Its constructors run next.
    case opening(Int)
    /// Its entry function is called next.
    case asking(Int)
    case described(Int, ModuleDescription)
    case refused(Int, ModuleError)

    /// As one line, its end included.
    func line() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
    }

    /// - Parameter line: without its end.
    init?(line: some Sequence<UInt8>) {
        guard let report = try? JSONDecoder().decode(DescribingReport.self, from: Data(line)) else { return nil }
        self = report
    }
}
