// SPDX-License-Identifier: Apache-2.0
// A port at which nobody listens and which stays a test's own. One that was closed may be given to another test before its first owner
// comes back.
import CatenaGRPC
import Glibc
import Testing

/// A TCP port of the loopback that is bound and not listening: connections are refused, the system gives it to nobody who asks for any
/// port, and a server that names it can listen there, as both sockets say that the address may be used again.
struct HeldPort {
    let address: GRPCAddress
    private let descriptor: CInt

    init() throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        var yes: CInt = 1
        try #require(setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size)) == 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let isBound = withUnsafeMutablePointer(to: &name) { [descriptor] name in
            name.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                var length = socklen_t(MemoryLayout<sockaddr_in>.size)
                return bind(descriptor, name, length) == 0 && getsockname(descriptor, name, &length) == 0
            }
        }
        try #require(isBound)
        address = .tcp(host: "127.0.0.1", port: Int(UInt16(bigEndian: name.sin_port)))
    }

    func release() { close(descriptor) }
}
