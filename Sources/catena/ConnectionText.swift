// SPDX-License-Identifier: Apache-2.0
// A Connection as the client commands read and print it: JSON with the names of the .proto files, so that what one command prints
// another one takes.

import ArgumentParser
import CatenaNSM
import Foundation
import SwiftProtobuf

enum ConnectionText {
    /// Pretty-printed, keys sorted, with a final line feed.
    static func print(_ bytes: [UInt8]) throws -> String {
        var options = JSONEncodingOptions()
        options.preserveProtoFieldNames = true
        let connection = try Connection_Connection(serializedBytes: bytes)
        let plain = try JSONSerialization.jsonObject(with: Data(connection.jsonUTF8Bytes(options: options) as [UInt8]))
        let pretty = try JSONSerialization.data(
            withJSONObject: plain, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        return String(decoding: pretty, as: UTF8.self) + "\n"
    }

    /// Its state as the API spells it.
    static func state(_ connection: Connection_Connection) -> String {
        switch connection.state {
        case .up: "UP"
        case .down: "DOWN"
        case .refreshRequested: "REFRESH_REQUESTED"
        case .reselectRequested: "RESELECT_REQUESTED"
        case .UNRECOGNIZED(let number): "\(number)"
        }
    }

    /// What peers have sent, where it must not begin a line or move the cursor.
    static func singleLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{fffd}" : $0 }))
    }

    /// Reads one from a file; `-` is standard input.
    static func read(_ path: String) throws -> Connection_Connection {
        let data: Data
        if path == "-" {
            if isatty(STDIN_FILENO) == 1 { CommandOutput.note("catena: reading a Connection as JSON from the terminal; end with Ctrl-D") }
            data = FileHandle.standardInput.readDataToEndOfFile()
        } else {
            guard let contents = FileManager.default.contents(atPath: path) else {
                throw refused("cannot read \(path): name a file with a Connection as \"catena request\" prints it, or - for standard input")
            }
            data = contents
        }
        do {
            return try Connection_Connection(jsonUTF8Bytes: Array(data))
        } catch {
            let name = path == "-" ? "standard input" : path
            throw refused("\(name) is not a Connection as \"catena request\" prints it: \(reason(error, data))")
        }
    }

    private static func reason(_ error: any Error, _ data: Data) -> String {
        if data.isEmpty { return "it is empty" }
        if case JSONDecodingError.unknownField(let name) = error { return "it has the unknown field \"\(name)\"" }
        return "it is not JSON of that form"
    }

    /// Wrong input, but not wrong usage: the message alone is of help.
    private static func refused(_ message: String) -> ExitCode {
        CommandOutput.note("catena: error: \(message)")
        return ExitCode(64)
    }
}
