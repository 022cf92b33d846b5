// SPDX-License-Identifier: Apache-2.0
// Metadata to and from header fields. What arrives is taken as it is where that does no harm: a peer's odd value is its handler's
// affair, but bytes that claim to be base64 and are not cannot be given to anyone.

extension GRPCMetadata {
    /// Adds a received field; reserved names and pseudo-headers are passed over.
    ///
    /// - Returns: false when a `-bin` value is not base64.
    package mutating func addReceived(name: Span<UInt8>, value: Span<UInt8>) -> Bool {
        guard !name.isEmpty, name[0] != UInt8(ascii: ":"), !name.hasPrefix("grpc-") else { return true }
        let text = String(copying: name)
        guard !Self.isReserved(text) else { return true }
        guard name.hasSuffix("-bin") else {
            append(Entry(name: text, value: .text(String(copying: value))))
            return true
        }
        // Intermediaries may join the values of a repeated field with commas.
        var start = 0
        for index in 0...value.count where index == value.count || value[index] == UInt8(ascii: ",") {
            guard let bytes = Base64.decode(value.extracting(start..<index)) else { return false }
            append(Entry(name: text, value: .binary(bytes)))
            start = index + 1
        }
        return true
    }
}

extension HeaderBlock {
    /// Adds all entries, binary ones as base64.
    package func append(_ metadata: GRPCMetadata) {
        for entry in metadata.entries {
            switch entry.value {
            case .text(let text): append(entry.name, text)
            case .binary(let bytes): append(entry.name, Base64.encode(bytes))
            }
        }
    }

    /// Adds `grpc-status`, and `grpc-message` where there is one.
    package func append(_ status: GRPCStatus) {
        append("grpc-status", String(status.code.rawValue))
        if !status.message.isEmpty { append("grpc-message", PercentEncoding.encode(status.message)) }
    }
}
