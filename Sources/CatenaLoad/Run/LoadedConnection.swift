// SPDX-License-Identifier: Apache-2.0
// One connection id of a load, with the bytes that it sends next. They are kept as they were sent: while the answers say the
// same as the last one, a refresh costs a comparison.

internal import CatenaGRPC
internal import CatenaNSM
internal import NIOCore

/// A connection of a load.
///
/// Unchecked because it is touched on the load's loop only.
final class LoadedConnection: @unchecked Sendable {
    let id: String
    let client: GRPCClient
    /// What the next Request sends.
    private(set) var request: ByteBuffer
    /// The connection as the last good answer had it; before that, as it was asked for. What a Close sends.
    private(set) var connection: ByteBuffer
    /// The server has it, or may have it: a Close is due.
    var mayBeOpen = false
    /// A Request has been answered as it should be.
    var isOpen = false
    /// When the call in flight was begun.
    var begun = NIODeadline.uptimeNanoseconds(0)
    /// Receives the result of each call. Made once; a closure for each call would be an allocation for each.
    var completion: @Sendable (Result<GRPCReply, GRPCCallError>) -> Void = { _ in }

    private let maker: LoadRequest
    private var segmentCount = 1
    private var renewal: NIODeadline

    /// - Throws: when the template is no request.
    init(id: String, client: GRPCClient, maker: LoadRequest, now: NIODeadline) throws(MessageError) {
        self.id = id
        self.client = client
        self.maker = maker
        let message = try maker.fresh(id: id, now: WallClock.now)
        request = ByteBuffer(message.requestBytes)
        connection = ByteBuffer(message.connectionBytes)
        renewal = now + maker.halfLife
    }

    /// One that is sent again and again, whatever the answer.
    init(repeating request: ByteBuffer, client: GRPCClient) {
        id = ""
        self.client = client
        self.request = request
        connection = ByteBuffer()
        maker = LoadRequest()
        renewal = .distantFuture
    }

    /// Takes over an answer of status OK, if it is as it should be.
    func adopt(_ answer: ByteBuffer) -> AnswerFault? {
        if isOpen, answer == connection { return nil }
        do throws(MessageError) {
            let message = try Message(connection: answer.readableBytesUInt8Span)
            let fault = AnswerFault.find(in: message, id: id, segmentName: maker.segmentName, segmentCount: segmentCount)
            if let fault { return fault }
            segmentCount = message.segmentCount
            // A copy, as the answer is a part of a larger buffer that would stay with it.
            connection = ByteBuffer(message.connectionBytes)
            try maker.refresh(message)
            request = ByteBuffer(message.requestBytes)
            return nil
        } catch {
            return .unreadable
        }
    }

    /// Sets the end of the client's path segment anew when it is time.
    func renewIfDue(_ now: NIODeadline) {
        guard now >= renewal else { return }
        renewal = now + maker.halfLife
        do throws(MessageError) {
            let message = try Message(request: request.readableBytesUInt8Span)
            try maker.renew(message, now: WallClock.now)
            request = ByteBuffer(message.requestBytes)
        } catch {
            // Its own bytes are a request, and a time is a time: what was sent before is good still.
        }
    }
}

extension LoadRequest {
    fileprivate var halfLife: TimeAmount { .nanoseconds(lifetime.nanoseconds / 2) }
}

extension ByteBuffer {
    fileprivate init(_ bytes: [UInt8]) { self.init(bytes: bytes) }
}
