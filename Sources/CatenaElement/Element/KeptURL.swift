// SPDX-License-Identifier: Apache-2.0
// A client URL for a slot. As a context value a URL has room for the longest there may be; where one is kept for each connection,
// that room is most of what it costs.
internal import CatenaABI

/// A ``ClientURL`` that takes no more memory than its text needs.
public struct KeptURL: Sendable {
    private let text: String

    /// Keeps the text of `url`.
    public init(_ url: ClientURL) { text = url.text }

    /// The URL again.
    public var url: ClientURL { ClientURL(catena_url(text: text)) }

    /// Whether `kept` is this URL. Allocates nothing.
    public static func == (url: ClientURL, kept: KeptURL) -> Bool { url.bytes.isEqual(to: kept.text) }
}
