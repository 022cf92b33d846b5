// SPDX-License-Identifier: Apache-2.0
// The calls of a client between their beginning and their end: the list of them, their deadlines, and what becomes of them when the
// client is ended. All of it runs on the client's loop.
internal import NIOCore

extension GRPCClient: DeadlineTimerOwner {
    func add(_ call: ClientCall) {
        call.slot = unsafe slots.count
        unsafe slots.append(Unmanaged.passRetained(call))
        if let deadline = call.deadline {
            guard deadline > .now() else {
                return eventLoop.execute { call.abandon(.deadlineExceeded, "the deadline passed before the call was begun") }
            }
            deadlines.cover(deadline, of: self)
        }
        begin(call)
    }

    /// Takes an ended call off the list; the caller holds it.
    func forget(_ call: ClientCall) {
        guard call.slot >= 0 else { return }
        let slot = call.slot
        let last = unsafe slots.removeLast()
        if unsafe slot < slots.count {
            unsafe slots[slot] = last
            unsafe last._withUnsafeGuaranteedRef { $0.slot = slot }
        }
        call.slot = -1
        unsafe Unmanaged.passUnretained(call).release()
    }

    /// The calls that have not ended.
    private var calls: [ClientCall] { unsafe slots.map { unsafe $0.takeUnretainedValue() } }

    func endExpiredCalls(_ now: NIODeadline) -> NIODeadline {
        var next = NIODeadline.distantFuture
        for call in calls {
            guard let deadline = call.deadline, !call.isEnded else { continue }
            if deadline <= now {
                let place = call.stream == nil && !call.mayHaveBeenProcessed ? " before the call could be sent" : ""
                call.abandon(.deadlineExceeded, "\(target): the deadline passed\(place)")
            } else {
                next = min(next, deadline)
            }
        }
        return next
    }

    func shutdown(_ status: GRPCStatus, _ promise: EventLoopPromise<Void>) {
        shutdownPromises.append(promise)
        if shutdownStatus == nil {
            shutdownStatus = status
            setState(.retired)
            deadlines.cancel()
            redial?.cancel()
            redial = nil
            for call in calls { call.abandon(status) }
            for promise in connectPromises { promise.fail(status) }
            connectPromises = []
            waiting = WaitingCalls()
            if case .connecting(_, let timer) = link { timer.cancel() }
            link = .none
            for connection in open { connection.close(reason: status.message) }
        }
        finishShutdownIfClosed()
    }

    func finishShutdownIfClosed() {
        guard shutdownStatus != nil, open.isEmpty else { return }
        let promises = shutdownPromises
        shutdownPromises = []
        for promise in promises { promise.succeed() }
    }

    func connect(_ promise: EventLoopPromise<Void>) {
        if let shutdownStatus { return promise.fail(shutdownStatus) }
        if case .ready = link { return promise.succeed() }
        connectPromises.append(promise)
        if case .none = link { dial() }
    }
}
