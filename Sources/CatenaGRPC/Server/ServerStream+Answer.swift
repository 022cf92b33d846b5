// SPDX-License-Identifier: Apache-2.0
// The way out of a call on a server: head, messages, status. A call that fails before its first message is answered in one frame.
internal import NIOCore

extension ServerStream {
    /// Sends the response head, once.
    func beginResponse(_ metadata: GRPCMetadata) -> Bool {
        connection.assertOnLoop()
        guard phase == .handling, !isResponseBegun else { return false }
        isResponseBegun = true
        if metadata.isEmpty { connection.beginResponse(self) } else { connection.beginResponse(self, with: metadata) }
        return true
    }

    /// Queues a message.
    func send(_ payload: consuming GRPCPayload) -> Bool {
        connection.assertOnLoop()
        guard phase == .handling else { return false }
        outbound.append(head.responseEncoding.outbound(payload))
        pushBody()
        return true
    }

    /// Ends the call with OK, after all that was sent.
    func finish(trailers: GRPCMetadata) -> Bool {
        connection.assertOnLoop()
        guard phase == .handling else { return false }
        endBody(.ok, trailers)
        return true
    }

    /// Sends one message and ends the call with OK.
    func respond(_ payload: consuming GRPCPayload, trailers: GRPCMetadata) -> Bool {
        connection.assertOnLoop()
        guard phase == .handling else { return false }
        outbound.append(head.responseEncoding.outbound(payload))
        endBody(.ok, trailers)
        return true
    }

    @discardableResult
    func fail(_ status: GRPCStatus, trailers: GRPCMetadata) -> Bool {
        connection.assertOnLoop()
        guard phase == .receiving || phase == .handling else { return false }
        if isResponseBegun {
            endBody(status, trailers)
        } else {
            finish(.answered)
            connection.answerTrailersOnly(self, status, trailers)
        }
        return true
    }

    /// Resets a stream whose answer has not been read in time.
    func giveUp(unreadAfter grace: TimeAmount) {
        guard phase == .answered, outbound.remainingBytes > 0 else { return }
        // Holding the stream keeps it from standing for another call by then.
        connection.eventLoop.assumeIsolated().scheduleTask(in: grace) {
            if self.phase == .answered, self.outbound.remainingBytes > 0 { self.connection.reset(self, .cancel) }
        }
    }

    private func endBody(_ status: GRPCStatus, _ trailers: GRPCMetadata) {
        self.trailers = connection.trailers(status, trailers)
        outbound.end()
        finish(.answered)
        pushBody()
    }

    private func pushBody() {
        if isResponseBegun {
            connection.bodyChanged(self)
        } else {
            isResponseBegun = true
            connection.beginResponse(self)
        }
    }
}

// MARK: - What the handler wants to hear

extension ServerStream {
    var isReady: Bool {
        connection.assertOnLoop()
        return phase == .handling && !outbound.isFull
    }

    func onReady(_ action: @escaping () -> Void) {
        connection.assertOnLoop()
        if phase == .handling { readyAction = action }
    }

    /// Sets who hears of the call's cancellation.
    func setWatcher(_ watcher: any ServerCallWatcher) {
        connection.assertOnLoop()
        if phase == .handling { self.watcher = watcher }
    }

    /// Sets who gets the messages, and begins to read.
    func onMessage(_ message: @escaping (ByteBuffer) -> Void, end: @escaping () -> Void) {
        connection.assertOnLoop()
        guard phase == .handling, inbound != nil else { return }
        inbound?.messageAction = message
        inbound?.endAction = end
        resumeReading()
    }

    func pauseReading() {
        connection.assertOnLoop()
        if phase == .handling { isReadingPaused = true }
    }

    func resumeReading() {
        connection.assertOnLoop()
        guard phase == .handling, isReadingPaused, inbound?.messageAction != nil else { return }
        isReadingPaused = false
        deliver()
        if !isReadingPaused { connection.refillWindow(of: self) }
    }

    /// Gives the handler what has come, as long as it wants it. A handler that stops and goes on from within a message is served by
    /// the loop that runs already: a burst of small messages must not become a tower of calls.
    func deliver() {
        guard inbound?.isDelivering == false else { return }
        inbound?.isDelivering = true
        defer { inbound?.isDelivering = false }
        while phase == .handling, !isReadingPaused, let event = inbound?.next() {
            switch event {
            case .message(let message, let action): action(message)
            case .end(let action): action()
            }
        }
    }
}
