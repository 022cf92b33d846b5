// SPDX-License-Identifier: Apache-2.0
//
// One IPv6 address can be written in dozens of ways; two listeners on the same one must be seen to be the same.
// Written out here rather than taken from the C library, which wants buffers and errno for thirty lines of arithmetic.

/// Checks and normalises the text of IP addresses.
enum IPAddressText {
    /// True for four decimal numbers from 0 to 255, without leading zeros.
    static func isIPv4(_ text: String) -> Bool { ipv4Groups(text) != nil }

    /// The form of RFC 5952 (lower case, longest run of zeros as `::`), or nil when the text is no IPv6 address.
    /// Zones (`%eth0`) are not taken.
    static func normalIPv6(_ text: String) -> String? {
        guard let groups = ipv6Groups(text) else { return nil }
        var longest = 0..<0
        var run = 0..<0
        for (index, group) in groups.enumerated() {
            run = group == 0 ? (run.isEmpty ? index : run.lowerBound)..<(index + 1) : 0..<0
            if run.count > longest.count { longest = run }
        }
        func hexadecimal(_ part: ArraySlice<UInt16>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard longest.count > 1 else { return hexadecimal(groups[...]) }
        return hexadecimal(groups[..<longest.lowerBound]) + "::" + hexadecimal(groups[longest.upperBound...])
    }

    private static func ipv6Groups(_ text: String) -> [UInt16]? {
        let bytes = Array(text.utf8)
        let gaps = bytes.indices.dropLast().filter { bytes[$0] == UInt8(ascii: ":") && bytes[$0 + 1] == UInt8(ascii: ":") }
        guard gaps.count <= 1 else { return nil }
        guard let gap = gaps.first else {
            let groups = groupList(bytes[...])
            return groups?.count == 8 ? groups : nil
        }
        guard let head = groupList(bytes[..<gap], mayEndInIPv4: false), let tail = groupList(bytes[(gap + 2)...]),
            head.count + tail.count <= 7
        else { return nil }
        return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    private static func groupList(_ bytes: ArraySlice<UInt8>, mayEndInIPv4: Bool = true) -> [UInt16]? {
        if bytes.isEmpty { return [] }
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            let text = String(decoding: part, as: UTF8.self)
            if mayEndInIPv4, index == parts.count - 1, let last = ipv4Groups(text) {
                groups += last
            } else if (1...4).contains(part.count), !part.contains(UInt8(ascii: "+")), let group = UInt16(text, radix: 16) {
                groups.append(group)
            } else {
                return nil
            }
        }
        return groups
    }

    private static func ipv4Groups(_ text: String) -> [UInt16]? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var numbers: [UInt16] = []
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy(\.isDigit), part.count == 1 || part.first != UInt8(ascii: "0"),
                let number = UInt8(String(decoding: part, as: UTF8.self))
            else { return nil }
            numbers.append(UInt16(number))
        }
        return [numbers[0] << 8 | numbers[1], numbers[2] << 8 | numbers[3]]
    }
}
