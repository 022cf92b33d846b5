// SPDX-License-Identifier: Apache-2.0
// Sockets that tests hold themselves: a port that will be free, and a next hop that never answers.

import Glibc

enum Sockets {
    /// A port that nobody listens on, outside the range from which port 0 is served.
    static func freePort() throws -> UInt16 {
        for _ in 0..<100 {
            let port = UInt16.random(in: 20_000..<32_000)
            if let listening = Listening(port: port) {
                listening.close()
                return port
            }
        }
        throw Catena.Failed(description: "no free port")
    }
}

/// A listening socket whose connections are never accepted: the kernel completes the handshake, and nobody answers.
struct Listening {
    let port: UInt16
    private let descriptor: CInt

    /// - Parameter port: 0 is any.
    init?(port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 16) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isListening else {
            _ = Glibc.close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.port = UInt16(bigEndian: address.sin_port)
    }

    func close() { _ = Glibc.close(descriptor) }
}
