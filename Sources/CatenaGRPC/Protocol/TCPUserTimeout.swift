// SPDX-License-Identifier: Apache-2.0
// A socket option of Linux that swift-nio has no name for: it finds a peer that vanished as soon as something was sent to it.
internal import Glibc
internal import NIOCore

extension Channel {
    /// Limits how long sent data may stay unacknowledged before the connection is given up (tcp(7), TCP_USER_TIMEOUT). To be called
    /// on the channel's loop; does nothing to a socket that is not TCP.
    func setTCPUserTimeout(_ limit: TimeAmount) throws {
        switch localAddress {
        case .v4, .v6: break
        default: return
        }
        let option = ChannelOptions.Types.SocketOption(level: .tcp, name: NIOBSDSocket.Option(rawValue: TCP_USER_TIMEOUT))
        try syncOptions?.setOption(option, value: ChannelOptions.Types.SocketOption.Value(limit.wholeMilliseconds))
    }
}

extension TimeAmount {
    /// In milliseconds, rounded up, as far as the number goes.
    var wholeMilliseconds: CInt { CInt(clamping: (nanoseconds + 999_999) / 1_000_000) }
}
