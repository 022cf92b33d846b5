// SPDX-License-Identifier: Apache-2.0
// The names of the NSM services on the wire (api: networkservice.proto, connection.proto). They stand here once, for the server,
// the client and the tools.

/// Full method paths and service names of the NSM API, and of what comes with every gRPC server.
package enum MethodPath {
    package static let request = "/networkservice.NetworkService/Request"
    package static let close = "/networkservice.NetworkService/Close"
    package static let monitorConnections = "/connection.MonitorConnection/MonitorConnections"
    package static let healthWatch = "/grpc.health.v1.Health/Watch"
    /// The name under which gRPC health knows the service.
    package static let networkService = "networkservice.NetworkService"
}
