// SPDX-License-Identifier: Apache-2.0
// Where the client side of a chain goes, when that is known beforehand.
// Chains that find out per call have another element in this place, which provides the same context value.
public import CatenaElement

/// The config of `clienturl`.
public struct ClientURLConfig: ElementConfig {
    /// `tcp://host:port`, `unix:///path` or `inproc://chain`; required.
    public var url: ClientURL

    public init(url: ClientURL) { self.url = url }

    public init(reading config: ConfigReader) {
        url = config.url("url")
    }
}
