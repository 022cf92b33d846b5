// SPDX-License-Identifier: Apache-2.0
// One case as plain values: which chains, which calls from outside, how wild the elements are. What each hook then does follows
// from the seed (Script), so this and the seed are everything.

import CatenaABI

@testable import CatenaChain

/// One element of a case.
struct ElementPlan {
    enum Kind: String {
        case plain
        /// Gives each connection one turn at a time, as serialize does.
        case anchor
        /// Takes calls on through the next chain, as connect does.
        case connector
        /// An anchor in a client chain: its hooks must not be called.
        case inert
    }

    var kind = Kind.plain
    var hooks: Set<Hook> = [.request, .requestReply, .close, .closeReply, .cancel]
    var saysAgain = false
    var isGuard = false
    var hasCallSlot = false
    var hasConnSlot = false
    /// `"onFault": "disable"`: the first rule that it breaks takes it out.
    var isTakenOut = false

    func has(_ hook: Hook) -> Bool { hooks.contains(hook) }
}

/// One call from outside.
struct CallPlan {
    let key: UInt64
    let verb: Verb
    let connection: Int
    let loop: Int
    /// When it begins, in nanoseconds after the case does.
    let begins: UInt64
    /// How long its caller waits; 0: for ever.
    let patience: UInt64
    /// When its caller goes by itself, after its beginning; 0: never.
    let leaves: UInt64
}

/// A case.
struct LawCase {
    /// How often elements do what is not NEXT, in percent.
    struct Rates {
        var fail = 0, done = 0, pending = 0, again = 0, write = 0, act = 0, prank = 0, wrong = 0, never = 0
    }

    let seed: UInt64
    /// The served chain, its client chain, and the client chain that one uses in turn.
    var chains: [[ElementPlan]] = []
    var anchor: Int?
    var loops = 1
    var connections = 1
    var calls: [CallPlan] = []
    var rates = Rates()
    /// Nobody leaves and no time runs out: the model knows every step.
    var isCalm = true
    /// The host stops waiting for anybody, so long after the case begins; 0: it does not.
    var aborts: UInt64 = 0
    /// Elements run jobs of the executor, cancel, and the anchor keeps what a Close could not end: the laws hold, but no model says
    /// what comes of it.
    var fires = false
    /// The anchor is serialize itself.
    var runsModule = false
    /// Every connection is closed before the engine stops; else it stops with what is open.
    var closesAll = true
    var options = EngineOptions()

    /// Number of an element among all of the case.
    func number(_ chain: Int, _ position: Int) -> Int { chains[..<chain].reduce(0) { $0 + $1.count } + position }

    var elements: [ElementPlan] { chains.flatMap { $0 } }
}

extension LawCase: CustomStringConvertible {
    var description: String {
        var lines = ["seed \(seed): \(loops) loops, \(isCalm ? "calm" : "with callers that leave and times that run out"), \(rates)"
                + (aborts > 0 ? ", aborted at \(aborts)" : "") + (closesAll ? "" : ", stopped with what is open") + (fires ? ", with jobs" : "") + (runsModule ? " and serialize" : "")]
        for (index, chain) in chains.enumerated() {
            lines.append("  chain \(["served", "client", "deep"][index]):")
            for (position, element) in chain.enumerated() {
                let hooks = [Hook.request, .requestReply, .close, .closeReply, .cancel].filter(element.has).map(\.rawValue)
                let marks = [
                    element.saysAgain ? "AGAIN" : "", element.isGuard ? "GUARD" : "", element.hasCallSlot ? "call slot" : "",
                    element.hasConnSlot ? "connection slot" : "", element.isTakenOut ? "onFault disable" : "",
                ].filter { !$0.isEmpty }
                lines.append("    e\(number(index, position)) \(element.kind.rawValue) [\(hooks.joined(separator: " "))] \(marks.joined(separator: ", "))")
            }
        }
        for call in calls {
            lines.append(
                "  call \(call.key): \(call.verb) of connection \(call.connection) on loop \(call.loop) at \(call.begins)"
                    + (call.patience > 0 ? ", waits \(call.patience)" : "") + (call.leaves > 0 ? ", leaves after \(call.leaves)" : ""))
        }
        return lines.joined(separator: "\n")
    }
}
