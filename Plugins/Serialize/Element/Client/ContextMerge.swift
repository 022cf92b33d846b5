// SPDX-License-Identifier: Apache-2.0
// The three-way merge of a connection's context, on its bytes. Fields that nobody here has a name for stay as they are now.

enum ContextMerge {
    /// - Parameters:
    ///   - requested: what the caller asks for.
    ///   - returned: what it was told last.
    ///   - current: what the connection has now.
    /// - Returns: what is asked for below; nil: no context.
    static func merge(requested: [UInt8]?, returned: [UInt8]?, current: [UInt8]?) -> [UInt8]? {
        guard let current else { return requested }
        guard let asked = ConnectionContext(requested ?? []), let told = ConnectionContext(returned ?? []),
            var now = ConnectionContext(current)
        else { return current }
        guard asked != told else { return current }
        now.fields = asked.fields
        now.extra = merge(asked.extra, told.extra, now.extra)
        return now.bytes
    }

    /// Key by key: what the caller has changed, added or taken away counts, the rest is as it is now.
    private static func merge(
        _ asked: [String: [UInt8]], _ told: [String: [UInt8]], _ now: [String: [UInt8]]
    ) -> [String: [UInt8]] {
        var merged = now
        for (key, value) in asked where told[key] != value { merged[key] = value }
        for key in told.keys where asked[key] == nil { merged[key] = nil }
        return merged
    }
}
