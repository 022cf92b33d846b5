// SPDX-License-Identifier: Apache-2.0
// Rollback. When a first Request fails, everything entered below an element is undone before that element sees the failure:
// deepest first, one element after another, on the same call slots and values, with a time of its own.

internal import CatenaABI
internal import CatenaCrash

extension Call {
    /// Undoes what was entered from `position` on. Nothing is undone for a call that has not failed, or for a refresh.
    ///
    /// - Returns: false if an element wants to wait; the same call of this function goes on where it was.
    func undo(downTo position: Int) -> Bool {
        guard error != nil, verb == .request, isFirst else { return true }
        if undoesAll {
            // What a failed Close has left open is closed as well.
            undoesAll = false
            entered = plan.pointee.elementCount
            reached = entered
        }
        if let anchor = plan.pointee.anchor, committed != nil {
            // What is below the anchor is closed through the anchor, not element by element.
            entered = min(entered, anchor + 1)
        }
        while tailEntered || entered > position {
            if tailEntered {
                beginUndo()
                guard undoTail() else { return false }
                continue
            }
            let element = entered - 1
            if element == plan.pointee.anchor {
                guard undoConnection() else { return false }
            } else {
                beginUndo()
                guard undoElement(element) else { return false }
            }
            entered -= 1
        }
        endUndo()
        return true
    }

    /// The element's own two hooks. One that is out of use has none.
    func undoElement(_ position: Int) -> Bool {
        if undoAnswer == nil, isOut(chain.instances[position]) {
            undoing = .close
            return true
        }
        if undoing == .close {
            if let hook = plan.pointee.closes.inHook(at: position)?.pointee {
                let verdict = undoVerdict(hook.instance, hook.site) {
                    prepareHop(hook.callSlot, hook.connectionSlot, owner: hook.instance)
                    return hook.function(hook.me, hop)
                }
                guard let verdict else { return false }
                record(verdict, of: hook.instance, hook: "close")
                // It has been answered for, or was taken out for what it said.
                if isOut(chain.instances[position]) { return true }
                if verdict == CATENA_DONE, leg != nil || plan.pointee.anchor.map({ position > $0 }) == true { return true }
            }
            undoing = .closeReply
        }
        if let hook = plan.pointee.closes.outHook(at: position)?.pointee {
            let verdict = undoVerdict(hook.instance, hook.site) {
                prepareHop(hook.callSlot, hook.connectionSlot, owner: hook.instance)
                return hook.function(hook.me, hop, nil)
            }
            guard let verdict else { return false }
            record(verdict, of: hook.instance, hook: "close_reply")
        }
        undoing = .close
        return true
    }

    private func undoVerdict(
        _ instance: Int32, _ site: UnsafePointer<catena_crash_site>, _ hook: () -> catena_verdict
    ) -> catena_verdict? {
        if let given = undoAnswer {
            undoAnswer = nil
            return given
        }
        catena_crash_walk(hop)
        catena_crash_enter(site)
        let verdict = hook()
        catena_crash_set(catena_crash_thread())
        return settle(verdict, engine.instances[Int(instance)], .undo)
    }

    /// An undo goes on whatever an element says; what went wrong is logged, and the first error stays what it was.
    private func record(_ verdict: catena_verdict, of instance: Int32, hook: String) {
        guard verdict != CATENA_NEXT, verdict != CATENA_DONE else { return }
        let failure = verdict == CATENA_FAIL ? failure(of: instance) : misuse(instance, verdict, hook: hook)
        engine.log(.warning, engine.instances[Int(instance)].path, isRemoval ? "close failed" : "rollback failed", ["error": failure.description, "connection": idText])
    }

    /// The Request was committed, and failed further out: its connection is closed as any other, waiting its turn.
    private func undoConnection() -> Bool {
        guard let connection, let incarnation = committed?.incarnation else { return true }
        committed = nil
        shut()
        waiting = .connectionClose
        let reference = CallReference(self)
        let home = self.home
        engine.close(connection, incarnation: incarnation, reason: CATENA_ROLLBACK) {
            home.post {
                guard reference.isLive else { return }
                self.proceed()
            }
        }
        return false
    }

    private func beginUndo() {
        guard !isUndoing else { return }
        isUndoing = true
        wasUndone = true
        let hop = cell.pointee.hop
        savedHop = (hop.flags, hop.deadline_ns, hop.reason, limit, executor)
        executor = nil
        limit = home.loop.now() &+ engine.options.closeTimeout
        cell.pointee.hop.flags = hop.flags & CATENA_HOP_EVENT
        cell.pointee.hop.deadline_ns = limit
        cell.pointee.hop.reason = CATENA_ROLLBACK
    }

    private func endUndo() {
        guard isUndoing, let savedHop else { return }
        isUndoing = false
        cell.pointee.hop.flags = savedHop.flags
        cell.pointee.hop.deadline_ns = savedHop.deadline
        cell.pointee.hop.reason = savedHop.reason
        limit = savedHop.limit
        executor = savedHop.executor
        self.savedHop = nil
    }

    /// The context value of that name: none is offered in a Close.
    private var executor: UnsafeRawPointer? {
        get {
            guard let range = chain.values.executor, let values else { return nil }
            return values.load(fromByteOffset: range.lowerBound, as: UnsafeRawPointer?.self)
        }
        set {
            guard let range = chain.values.executor, let values else { return }
            values.storeBytes(of: newValue, toByteOffset: range.lowerBound, as: UnsafeRawPointer?.self)
        }
    }

    var idText: String {
        let view = idView
        guard let base = view.ptr else { return "" }
        return String(decoding: UnsafeBufferPointer(start: base, count: view.len), as: UTF8.self)
    }
}
