// SPDX-License-Identifier: Apache-2.0
// The streams over one transport, one for each subject: a thousand connections to a next hop hear of it over one.

internal import Synchronization

/// Streams by subject. Any thread.
final class WatchStreams: Sendable {
    private let transport: any Transport
    private let streams = Mutex<[WatchSubject: WatchStream]>([:])

    init(of transport: any Transport) {
        self.transport = transport
    }

    /// The stream about a subject, which is made if need be.
    ///
    /// - Parameter home: where a new one lives.
    func stream(for subject: WatchSubject, at home: Home) -> WatchStream {
        streams.withLock { streams in
            if let known = streams[subject] { return known }
            let stream = WatchStream(subject, over: transport, at: home, of: self)
            streams[subject] = stream
            return stream
        }
    }

    /// Nobody listens to it. Who comes later makes another one.
    func forget(_ stream: WatchStream) {
        streams.withLock { if $0[stream.subject] === stream { $0[stream.subject] = nil } }
    }
}
