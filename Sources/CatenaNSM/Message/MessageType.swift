// SPDX-License-Identifier: Apache-2.0
// The one table of the messages inside a request: what checks, compares and prints wire bytes reads it here. It is a switch
// and not a dictionary, so that the compiler makes it a jump and a lookup allocates and counts nothing.

/// A message type that can occur in a request.
enum MessageType: UInt8, CaseIterable, Sendable {
    case request, connection, mechanism, path, pathSegment, timestamp
    case connectionContext, ipContext, dnsContext, dnsConfig, ethernetContext
    case ipNeighbor, route, ipFamily, extraPrefixRequest, policyRoute

    /// As in the .proto files, without the package.
    var name: StaticString {
        switch self {
        case .request: "NetworkServiceRequest"
        case .connection: "Connection"
        case .mechanism: "Mechanism"
        case .path: "Path"
        case .pathSegment: "PathSegment"
        case .timestamp: "Timestamp"
        case .connectionContext: "ConnectionContext"
        case .ipContext: "IPContext"
        case .dnsContext: "DNSContext"
        case .dnsConfig: "DNSConfig"
        case .ethernetContext: "EthernetContext"
        case .ipNeighbor: "IpNeighbor"
        case .route: "Route"
        case .ipFamily: "IpFamily"
        case .extraPrefixRequest: "ExtraPrefixRequest"
        case .policyRoute: "PolicyRoute"
        }
    }

    /// The field with this number; nil: the type does not know it.
    func field(_ number: UInt32) -> FieldShape? {
        switch (self, number) {
        case (.request, 1): .one("connection", .message(.connection))
        case (.request, 2): .many("mechanism_preferences", .message(.mechanism))

        case (.connection, 1): .one("id", .text)
        case (.connection, 2): .one("network_service", .text)
        case (.connection, 3): .one("mechanism", .message(.mechanism))
        case (.connection, 4): .one("context", .message(.connectionContext))
        case (.connection, 5): .many("labels", .map)
        case (.connection, 6): .one("path", .message(.path))
        case (.connection, 7): .one("network_service_endpoint_name", .text)
        case (.connection, 8): .one("payload", .text)
        case (.connection, 9): .one("state", .enumeration(.state))

        case (.mechanism, 1): .one("cls", .text)
        case (.mechanism, 2): .one("type", .text)
        case (.mechanism, 3): .many("parameters", .map)

        case (.path, 1): .one("index", .uint32)
        case (.path, 2): .many("path_segments", .message(.pathSegment))

        case (.pathSegment, 1): .one("name", .text)
        case (.pathSegment, 2): .one("id", .text)
        case (.pathSegment, 3): .one("token", .text)
        case (.pathSegment, 4): .one("expires", .message(.timestamp))
        case (.pathSegment, 5): .many("metrics", .map)

        case (.timestamp, 1): .one("seconds", .int64)
        case (.timestamp, 2): .one("nanos", .int32)

        case (.connectionContext, 1): .one("ip_context", .message(.ipContext))
        case (.connectionContext, 2): .one("dns_context", .message(.dnsContext))
        case (.connectionContext, 3): .one("ethernet_context", .message(.ethernetContext))
        case (.connectionContext, 4): .many("extra_context", .map)
        case (.connectionContext, 5): .one("MTU", .uint32)

        case (.ipContext, 1): .many("src_ip_addrs", .text)
        case (.ipContext, 2): .many("dst_ip_addrs", .text)
        case (.ipContext, 3): .one("src_ip_required", .bool)
        case (.ipContext, 4): .one("dst_ip_required", .bool)
        case (.ipContext, 5): .many("src_routes", .message(.route))
        case (.ipContext, 6): .many("dst_routes", .message(.route))
        case (.ipContext, 7): .many("excluded_prefixes", .text)
        case (.ipContext, 8): .many("ip_neighbors", .message(.ipNeighbor))
        case (.ipContext, 9): .many("extra_prefix_request", .message(.extraPrefixRequest))
        case (.ipContext, 10): .many("extra_prefixes", .text)
        case (.ipContext, 11): .many("policies", .message(.policyRoute))

        case (.dnsContext, 1): .many("configs", .message(.dnsConfig))
        case (.dnsConfig, 1): .many("dns_server_ips", .text)
        case (.dnsConfig, 2): .many("search_domains", .text)

        case (.ethernetContext, 1): .one("src_mac", .text)
        case (.ethernetContext, 2): .one("dst_mac", .text)
        case (.ethernetContext, 3): .one("vlan_tag", .int32)

        case (.ipNeighbor, 1): .one("ip", .text)
        case (.ipNeighbor, 2): .one("hardware_address", .text)

        case (.route, 1): .one("prefix", .text)
        case (.route, 2): .one("nextHop", .text)

        case (.ipFamily, 1): .one("family", .enumeration(.family))

        case (.extraPrefixRequest, 1): .one("addr_family", .message(.ipFamily))
        case (.extraPrefixRequest, 2): .one("prefix_len", .uint32)
        case (.extraPrefixRequest, 3): .one("required_number", .uint32)
        case (.extraPrefixRequest, 4): .one("requested_number", .uint32)

        case (.policyRoute, 1): .one("from", .text)
        case (.policyRoute, 2): .one("proto", .text)
        case (.policyRoute, 3): .one("dst_port", .text)
        case (.policyRoute, 4): .one("src_port", .text)
        case (.policyRoute, 5): .many("routes", .message(.route))

        default: nil
        }
    }

    /// No type here has a field beyond this number.
    static let lastFieldNumber: UInt32 = 11
}
