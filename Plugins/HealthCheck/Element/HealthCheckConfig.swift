// SPDX-License-Identifier: Apache-2.0
// Which health of the next hop counts. A server has one for each of its services, and one for itself.
public import CatenaElement

/// The config of `healthcheck`.
public struct HealthCheckConfig: ElementConfig {
    /// The service by its full name; "" is the server as a whole.
    public var service = ""

    /// The server as a whole.
    public init() {}

    /// The keys of the config.
    public static let fields: [ConfigField<HealthCheckConfig>] = [
        .optional("service", \.service, .text(orEmpty: true), "full name of the service whose health counts; empty: the server as a whole")
    ]
}
