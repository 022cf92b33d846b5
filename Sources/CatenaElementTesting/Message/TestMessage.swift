// SPDX-License-Identifier: Apache-2.0
// A NetworkServiceRequest as a value: what a test sends, and what a recording element saw. It is the request's own bytes, read
// and changed by the same code as the host's messages, so that nothing a test states is only true of a double.
public import CatenaElement
internal import CatenaNSM

/// A Request, or the connection of a Close, as a value that can be kept and compared.
///
///     let message = TestMessage(id: "id-1", service: "icmp", path: [.init(name: "client", id: "id-1")])
///     let answer = bench.request(message)
///     #expect(answer.message?.segments.count == 2)
public struct TestMessage: Sendable, Equatable, CustomStringConvertible {
    /// The request as it stands on the wire.
    public private(set) var bytes: [UInt8]

    /// - Parameters:
    ///   - id: of the connection; empty: none yet.
    ///   - service: the network service; empty: not said.
    ///   - path: the segments, as they came.
    ///   - index: whose segment is the receiver's caller.
    public init(id: String = "", service: String = "", path: [CatenaElement.PathSegment] = [], index: Int = 0) {
        bytes = []
        self.id = id
        networkService = service
        segments = path
        pathIndex = index
    }

    /// - Throws: ``Malformed``, when the bytes are no NetworkServiceRequest.
    public init(request bytes: [UInt8]) throws(Malformed) {
        do {
            self.bytes = try CatenaNSM.Message(request: bytes).requestBytes
        } catch {
            throw Malformed(reason: error.description)
        }
    }

    /// Bytes that are no message.
    public struct Malformed: Error, Equatable {
        /// What is wrong, and where.
        public let reason: String
    }

    /// A copy of a message of the host's.
    init(copying message: CatenaNSM.Message) { bytes = message.requestBytes }

    /// The message as the model reads it. Bytes that are here came from the model, or were checked by it.
    var model: CatenaNSM.Message { (try? CatenaNSM.Message(request: bytes)) ?? CatenaNSM.Message() }

    /// Text of Swift is always UTF-8, and the fields that are written here exist; all that is left to refuse is a message of
    /// more than two gigabytes, which stays as it was.
    mutating func change(_ body: (CatenaNSM.Message) throws(MessageError) -> Void) {
        let model = model
        try? body(model)
        bytes = model.requestBytes
    }

    /// As JSON, as a log line would show it: tokens redacted.
    public var description: String { model.json(.request, limit: 1 << 20) }
}
