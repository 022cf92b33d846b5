// SPDX-License-Identifier: Apache-2.0
// What a connection tells its owner: a server's or a client's side of the same HTTP/2. Every method runs on the connection's loop;
// those marked "inside nghttp2" may submit to the session and close the channel, and must not flush.

/// The owner of an ``HTTP2Connection``.
protocol HTTP2ConnectionDelegate: AnyObject {
    /// The channel is active and our settings are about to leave.
    func connectionOpened()

    /// The peer began a stream, and none that was closed can serve it; nil refuses it. Server only, inside nghttp2.
    func makeStream() -> HTTP2Stream?

    /// The peer's SETTINGS arrived, first or changed. Inside nghttp2.
    func peerSettingsChanged()

    /// The peer sent GOAWAY; streams of ours above `lastStreamID` are closed with REFUSED_STREAM right after. Inside nghttp2.
    func goAwayReceived(lastStreamID: Int32, code: HTTP2ErrorCode, debugData: String)

    /// The peer answered a PING of ours. Inside nghttp2.
    func pingAcknowledged(_ purpose: PingPurpose)

    /// The process wants this connection to end when its calls have. Not repeated.
    func drainRequested()

    /// The channel is gone; the open streams are about to be told. Called once, before `connectionClosed`.
    func connectionLost()

    /// The channel is gone; every open stream has been told. `reason` is a clause for a sentence. Called once, and last.
    func connectionClosed(reason: String)
}
