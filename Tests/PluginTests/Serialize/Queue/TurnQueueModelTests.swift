// SPDX-License-Identifier: Apache-2.0
// Random lives of a queue: calls, events and jobs come, leave, succeed and fail in any order. Each step is looked at by the model, and
// in the end nobody waits. A failure prints its seed; CATENA_SEED runs that one again.
internal import Foundation
internal import Testing

@testable internal import SerializeElement

@Suite("TurnQueue: any order")
struct TurnQueueModelTests {
    @Test("whatever comes in whatever order, every promise is kept and nobody is forgotten")
    func anyOrder() {
        if let text = ProcessInfo.processInfo.environment["CATENA_SEED"], let seed = UInt64(text) { return run(seed) }
        let first = UInt64.random(in: 1...UInt64.max / 2)
        for seed in first..<first + 3_000 { run(seed) }
    }

    private func run(_ seed: UInt64) {
        var life = QueueLife(seed: seed)
        for _ in 0..<80 {
            life.step()
            if !life.model.broken.isEmpty { break }
        }
        life.rest()
        #expect(life.model.broken.isEmpty, "CATENA_SEED=\(seed)\n\(life.story.joined(separator: "\n"))")
    }
}

/// One life of a queue.
struct QueueLife {
    typealias Queue = TurnQueue<Int, Int>

    private var random: SplitMix
    private var queue = Queue()
    private(set) var model: QueueModel
    private let rules: TurnRules
    private(set) var story: [String] = []
    private var isRetryArmed = false
    private var isRetryOnItsWay = false

    init(seed: UInt64) {
        random = SplitMix(state: seed)
        rules = TurnRules(limit: Int.random(in: 1...6, using: &random), failsOnRace: .random(using: &random), forwardsUnknown: .random(using: &random))
        model = QueueModel(rules: rules)
    }

    mutating func step() {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<5: comes(.request(isEvent: false))
        case 5: comes(.request(isEvent: true))
        case 6..<8: comes(.job)
        case 8..<10: comes(.close(.outside))
        case 10: comes(.close(.event))
        case 11: comes(.close(.reselection))
        case 12: leaves()
        case 13: if Int.random(in: 0..<3, using: &random) == 0 { cancel() }
        case 14: time()
        default: ends()
        }
    }

    /// Everything that runs ends, until nothing does.
    mutating func rest() {
        for _ in 0..<400 where model.broken.isEmpty {
            if queue.turn == .free, !isRetryArmed, model.waiting.isEmpty { break }
            time()
            ends()
        }
        let (turn, load, left) = (queue.turn, queue.load, model.waiting)
        model.check(turn == .free && load == 0 && left.isEmpty, "in the end \(turn), \(load) wait, and \(left) were forgotten")
    }

    // MARK: Steps

    private mutating func change(_ what: String, _ body: (inout Queue, inout QueueModel, inout Queue.Actions) -> Void) {
        var actions: Queue.Actions = []
        body(&queue, &model, &actions)
        story.append("\(what): \(actions)")
        heard(actions)
    }

    private mutating func heard(_ actions: Queue.Actions) {
        for action in actions {
            model.did([action])
            switch action {
            case .runJob: if let job = queue.beginning { model.jobIsNext(job) }
            case .retryLater: isRetryArmed = true
            case .forgetRetry: isRetryArmed = false
            case .closeAgain: isRetryOnItsWay = true
            default: break
            }
        }
        let (load, counted) = (queue.load, model.load)
        model.check(load == counted, "\(load) are counted, and \(counted) wait")
    }

    private mutating func comes(_ kind: Comer.Kind) {
        let comer = model.comes(kind), isOpen = model.isOpen, load = queue.load, isRetryComing = queue.turn == .retry
        var joined: Int?
        if case .request(let isEvent) = kind, Bool.random(using: &random) { joined = queue.twin(isEvent: isEvent) }
        let rules = rules
        var actions: Queue.Actions = []
        var admission: Admission?
        switch kind {
        case .request(let isEvent):
            let isPlain = Bool.random(using: &random)
            if !isEvent, Bool.random(using: &random) {
                admission = queue.beginsAtOnce(isOpen: isOpen) ? .runs : queue.waits(comer, joins: joined != nil, isPlain: isPlain, rules)
            }
            admission = admission ?? queue.request(
                comer, isEvent: isEvent, isOpen: isOpen, joins: joined != nil, isPlain: isPlain, rules, &actions)
            if let joined, admission == .waits { model.joins(comer, joined) }
        case .close(let kind):
            let first = queue.line.places.first { queue.line[$0].isClose }.flatMap { queue.line[$0].call }
            admission = queue.close(comer, kind, isOpen: isOpen, rules, &actions)
            if let first, admission == .waits, kind != .reselection { model.joins(comer, first) }
        case .job: queue.add(comer, isOpen: isOpen, rules, &actions)
        }
        story.append("\(comer) \(kind) \(admission.map { "\($0)" } ?? ""): \(actions)")
        // A job that had not begun, and those who wait for a turn on its way, make room for the one that comes.
        let before = actions.filter { if case .runJob = $0 { false } else { true } }
        for action in before where admission == .runs { model.did([action]) }
        if let admission {
            if admission != .runs { for action in before { model.did([action]) } }
            model.admitted(comer, admission, isRetryComing: isRetryComing, load: load)
            heard(actions.filter { action in !before.contains(action) })
            isRetryArmed = isRetryArmed && !actions.contains(.forgetRetry)
        } else {
            heard(actions)
        }
    }

    private mutating func leaves() {
        guard let call = model.waiting.filter({ model.comers[$0].isRequest }).randomElement(using: &random) else { return }
        change("\(call) leaves") { queue, model, _ in
            model.check(queue.withdraw(call), "\(call) waits, and cannot leave")
            model.left(call)
        }
    }

    private mutating func cancel() {
        let isOpen = model.isOpen, rules = rules
        guard isOpen, !model.isKept || queue.turn != .free else { return }
        change("cancel") { queue, model, actions in
            if queue.cancel(isOpen: isOpen, rules, &actions) { model.cancelled() }
        }
    }

    /// The loop comes round, timers are due, a retry arrives or is lost, what was kept expires.
    private mutating func time() {
        if queue.turn == .promised { return change("came round") { queue, _, actions in queue.turnCameRound(&actions) } }
        let isOpen = model.isOpen, rules = rules
        if isRetryOnItsWay {
            isRetryOnItsWay = false
            guard Int.random(in: 0..<4, using: &random) > 0 else {
                return change("retry lost") { queue, _, actions in queue.retryIsLost(isOpen: isOpen, rules, &actions) }
            }
            return comes(.close(.retry))
        }
        guard isRetryArmed, queue.turn == .free else { return }
        isRetryArmed = false
        guard Int.random(in: 0..<5, using: &random) > 0 else { return model.expired() }
        change("retry is due") { queue, _, actions in queue.retryIsDue(isOpen: isOpen, &actions) }
    }

    /// Who has the turn gives it back.
    private mutating func ends() {
        guard let holder = model.holder else { return }
        let isGood = Int.random(in: 0..<3, using: &random) > 0, rules = rules, wasOpen = model.isOpen && !model.isKept
        switch model.comers[holder].kind {
        case .job:
            guard case .job(let number) = queue.turn else { return }
            guard queue.takeJob(number) == nil else { return story.append("\(holder) begins") }
            change("\(holder) finishes") { queue, model, actions in
                model.ended(isOpen: wasOpen, isKept: false)
                model.check(queue.jobFinished(number, isOpen: wasOpen, rules, &actions), "the job \(holder) has no turn")
            }
        case .request:
            let triesQuick = isGood && Bool.random(using: &random)
            change("\(holder) \(isGood)") { queue, model, actions in
                model.ended(isOpen: isGood || wasOpen, isKept: false)
                if triesQuick {
                    if queue.endsAlone() { return }
                    if let next = queue.passesOn() { return actions.append(.run(next, .request(isPlain: true))) }
                }
                queue.requestEnded(isOpen: isGood || wasOpen, rules, &actions)
            }
        case .close(let kind):
            let isKept = !isGood && queue.keepsAfterFailure(isExpired: nil)
            let end: CloseEnd = kind == .reselection ? .unchanged : isKept ? .kept : .closed
            let staysKept = model.isKept
            change("\(holder) \(end)") { queue, model, actions in
                model.ended(isOpen: end != .closed, isKept: end == .kept || (end == .unchanged && staysKept))
                queue.closeEnded(end, rules, &actions)
            }
        }
    }
}

/// A generator that begins anew from its seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
