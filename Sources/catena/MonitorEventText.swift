// SPDX-License-Identifier: Apache-2.0
// One event of a monitor as `catena monitor` prints it: lines for people, without tokens, or one line of JSON with the names of the
// .proto files.

import CatenaNSM
import Foundation
import SwiftProtobuf

struct MonitorEventText {
    private let event: Connection_ConnectionEvent
    /// When it came, UTC.
    private let time: String

    init(_ bytes: [UInt8], at date: Date = Date()) throws {
        event = try Connection_ConnectionEvent(serializedBytes: bytes)
        time = date.formatted(.iso8601.time(includingFractionalSeconds: true).year().month().day()) + "Z"
    }

    /// Another piece of what is there will follow: an extension of Catena's servers, which a peer without it skips.
    private var moreFollows: Bool { !event.unknownFields.data.isEmpty && Array(event.unknownFields.data.suffix(3)) == [0xc0, 0x3e, 0x01] }

    private var type: String {
        switch event.type {
        case .initialStateTransfer: "INITIAL_STATE_TRANSFER"
        case .update: "UPDATE"
        case .delete: "DELETE"
        case .UNRECOGNIZED(let number): "\(number)"
        }
    }

    /// A line for each connection; what is there has a line of its own, as it may be nothing.
    var text: String {
        let connections = event.connections.sorted { $0.key < $1.key }
        var lines = connections.map { id, connection in
            let path = connection.path.pathSegments.map(\.name).joined(separator: ">")
            return "\(time)  \(type == "INITIAL_STATE_TRANSFER" ? "PRESENT" : type)  \(id)  \(ConnectionText.state(connection))  \(connection.networkService)  \(path)"
        }
        if event.type == .initialStateTransfer { lines.append("\(time)  \(moreFollows ? "more follows" : "that is what is there")") }
        return lines.map { ConnectionText.singleLine($0) + "\n" }.joined()
    }

    /// One object with `type`, `connections`, `time` and, where it is so, `more_follows`; ends in a line feed.
    var json: String {
        get throws {
            var options = JSONEncodingOptions()
            options.preserveProtoFieldNames = true
            var object = try JSONSerialization.jsonObject(with: Data(event.jsonUTF8Bytes(options: options) as [UInt8])) as? [String: Any] ?? [:]
            object["type"] = type
            object["time"] = time
            if object["connections"] == nil { object["connections"] = [String: Any]() }
            if moreFollows { object["more_follows"] = true }
            let line = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
            return String(decoding: line, as: UTF8.self) + "\n"
        }
    }
}
