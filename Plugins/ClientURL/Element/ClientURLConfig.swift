// SPDX-License-Identifier: Apache-2.0
// Where the client side of a chain goes, when that is known beforehand.
// Chains that find out per call have another element in this place, which provides the same context value.
public import CatenaElement

/// The config of `clienturl`.
public struct ClientURLConfig: ElementConfig {
    /// Where the client side goes.
    public var url = ClientURL()

    /// With no URL, which chains.json must give.
    public init() {}

    /// The keys of the config.
    public static let fields: [ConfigField<ClientURLConfig>] = [
        .required("url", \.url, .url, "where the client side goes")
    ]
}
