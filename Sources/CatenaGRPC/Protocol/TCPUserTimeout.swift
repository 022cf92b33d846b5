// SPDX-License-Identifier: Apache-2.0
// A socket option of Linux that swift-nio has no name for: it finds a peer that vanished as soon as something was sent to it.
internal import Glibc
internal import NIOCore

extension ChannelOption where Self == ChannelOptions.Types.SocketOption {
    /// Milliseconds for which sent data may stay unacknowledged before the connection is given up (tcp(7), TCP_USER_TIMEOUT).
    static var tcpUserTimeout: Self { .tcpOption(NIOBSDSocket.Option(rawValue: TCP_USER_TIMEOUT)) }
}
