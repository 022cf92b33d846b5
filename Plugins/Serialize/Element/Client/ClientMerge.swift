// SPDX-License-Identifier: Apache-2.0
// A client's Request says what its caller knows; the connection may have become another since the caller was told, by a refresh
// or a new endpoint that nobody asked the caller about. So only what the caller has changed counts.
internal import CatenaElement

enum ClientMerge {
    /// Turns what a caller asks for into what is asked for below: the connection as it is now, with the caller's changes of its
    /// endpoint and its context. Preferences stay the caller's.
    /// - Parameters:
    ///   - request: what the caller asks for; changed in place.
    ///   - returned: what the caller was told last.
    ///   - current: the last good message, as elements have left it.
    static func merge(
        into request: borrowing Message, returned: borrowing Message, current: borrowing Message
    ) throws(ElementError) {
        let endpoint = request.endpoint, context = request.bytes(.context), told = returned.bytes(.context)
        let isEndpointChanged = returned.endpoint != endpoint
        let now = current.bytes(.context)
        try request.take(.connection, from: current)
        if isEndpointChanged { request.endpoint = endpoint }
        guard let merged = ContextMerge.merge(requested: context, returned: told, current: now) else {
            return try request.remove(.context)
        }
        if merged != now { try request.setBytes(.context, merged) }
    }
}
