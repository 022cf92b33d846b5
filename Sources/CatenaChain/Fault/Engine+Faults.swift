// SPDX-License-Identifier: Apache-2.0
// An element that breaks a rule is told about by its instance name, counted, and treated as its `onFault` says. No rule that an
// element can break ends the process or another chain.

internal import Synchronization

extension Engine {
    /// An element did what the ABI forbids; nothing came of it.
    func misbehaved(_ instance: Instance, _ rule: String) {
        misbehaved(instance, BrokenRule(text: rule, remedy: "see catena.h"))
    }

    func misbehaved(_ instance: Instance, _ rule: BrokenRule) {
        let count = instance.faults.wrappingAdd(1, ordering: .relaxed).newValue
        // One that does it with every call must not fill the log: after the first ones only powers of two are told.
        guard count <= 16 || count & (count - 1) == 0 else { return }
        log(
            .error, instance.path, "element misbehaves",
            ["rule": rule.text, "remedy": rule.remedy, "module": instance.type.module, "times": "\(count)"])
    }

    /// An element broke a rule that `onFault` speaks of: a verdict that is none, a hook answered twice, a hook never answered.
    func broke(_ instance: Instance, _ rule: BrokenRule) {
        misbehaved(instance, rule)
        guard instance.onFault == .disable, instance.disable(rule.text) else { return }
        instance.chain.disable()
        log(
            .error, instance.path, "element taken out of use",
            ["rule": rule.text, "consequence": "Requests that would enter it fail; restart the host to use it again"])
        if instance.type.isAnchor { freeQueue(of: instance, nil) }
    }

    /// An anchor is not called any more: whoever waits in it goes on without it.
    ///
    /// - Parameter connection: of these calls; nil: of all connections.
    func freeQueue(of anchor: Instance, _ connection: Connection?) {
        for home in homes where connection == nil || connection?.home === home {
            home.post { self.calls.all { $0.freeFromQueue(of: anchor, connection, on: home) } }
        }
    }

    /// An element has resumed after it was written off.
    func settled(_ owed: Owed, of call: Call) {
        log(.warning, owed.instance.path, "element resumed a call that it had been written off for", ["hook step": "\(owed.step)"])
        owed.home.post {
            owed.settle()
            call.arrival.post {
                call.letGo(owed.instance)
                // Last, as one that owes nothing may be destroyed.
                owed.instance.owes.subtract(1, ordering: .acquiringAndReleasing)
            }
        }
    }
}
