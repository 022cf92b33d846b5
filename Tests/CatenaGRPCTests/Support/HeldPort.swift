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
        // A sockaddr_in, byte by byte: which module shows its fields differs from build to build, as swift-nio has the same C headers.
        // Family, port 0, 127.0.0.1, padding.
        var name: [UInt8] = [UInt8(AF_INET), 0, 0, 0, 127, 0, 0, 1] + Array(repeating: 0, count: 8)
        let isBound = name.withUnsafeMutableBytes { [descriptor] name in
            guard let address = name.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
            var length = socklen_t(name.count)
            return bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
        }
        try #require(isBound)
        address = .tcp(host: "127.0.0.1", port: Int(name[2]) << 8 | Int(name[3]))
    }

    func release() { close(descriptor) }
}
