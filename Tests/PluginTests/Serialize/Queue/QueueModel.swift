// SPDX-License-Identifier: Apache-2.0
// Everything that a queue promises, checked after each step by the simplest means: lists, and a look through all of them. The model
// does not decide who is next; it says who may not be.
@testable internal import SerializeElement

/// One that came to the queue.
struct Comer {
    enum Kind: Equatable {
        case request(isEvent: Bool)
        case close(CloseKind)
        case job
    }

    let kind: Kind
    /// Where it stands: its own number, or that of the first of those it became one with.
    var place: Int
    var isWaiting = true

    var isOutsideRequest: Bool { kind == .request(isEvent: false) }
    var isOfIncarnation: Bool { kind == .job || kind == .request(isEvent: true) }
    var isRequest: Bool { if case .request = kind { true } else { false } }
    var isClose: Bool { if case .close = kind { true } else { false } }
}

struct QueueModel {
    typealias Queue = TurnQueue<Int, Int>

    private(set) var comers: [Comer] = []
    /// Who has the turn.
    private(set) var holder: Int?
    /// Who is to be answered as the holder.
    private var followers: Set<Int> = []
    private(set) var isOpen = false
    private(set) var isKept = false
    private(set) var isCancelled = false
    private(set) var broken: [String] = []
    let rules: TurnRules

    init(rules: TurnRules) { self.rules = rules }

    mutating func check(_ isKept: Bool, _ promise: String) { if !isKept { broken.append(promise) } }

    var waiting: [Int] { comers.indices.filter { comers[$0].isWaiting } }
    var load: Int { waiting.filter { !comers[$0].isClose }.count }

    // MARK: Coming

    mutating func comes(_ kind: Comer.Kind) -> Int {
        comers.append(Comer(kind: kind, place: comers.count))
        return comers.count - 1
    }

    /// It has become one with another.
    mutating func joins(_ comer: Int, _ twin: Int) { comers[comer].place = comers[twin].place }

    mutating func admitted(_ comer: Int, _ admission: Admission, isRetryComing: Bool, load: Int) {
        let kind = comers[comer].kind
        switch admission {
        case .runs:
            take(comer)
        case .waits:
            check(holder != nil || isRetryComing, "\(comer) waits for nobody")
            if comers[comer].isRequest { check(load < rules.limit, "\(comer) waits beyond the bound") }
        case .done:
            check(comers[comer].isClose, "\(comer) is no Close, and is done")
            check(!isOpen || isKept || kind == .close(.retry) || isCancelled, "the Close \(comer) is done, and the connection is open")
            comers[comer].isWaiting = false
        case .refused(.full):
            check(load >= rules.limit, "\(comer) finds no room where there is some")
            comers[comer].isWaiting = false
        case .refused(let why):
            check(comers[comer].isOfIncarnation && why == .cancelled, "\(comer) is refused: \(why)")
            comers[comer].isWaiting = false
        }
        if kind == .close(.outside) {
            let left = waiting.filter { $0 < comer && !comers[$0].isClose && !followers.contains($0) }
            check(left.isEmpty, "the Close \(comer) has left \(left) waiting")
        }
    }

    // MARK: Turns

    private mutating func take(_ comer: Int) {
        check(holder == nil, "\(comer) runs beside \(holder ?? -1)")
        check(comers[comer].isWaiting, "\(comer) runs, and has been answered")
        comers[comer].isWaiting = false
        holder = comer
        let one = comers[comer]
        followers = Set(waiting.filter { comers[$0].place == one.place })
        if one.isOfIncarnation { check(isOpen && !isKept && !isCancelled, "\(comer) runs in an incarnation that has ended") }
        if one.isClose { check(isOpen || (rules.forwardsUnknown && one.kind == .close(.outside)), "the Close \(comer) has nothing to close") }
        if one.isRequest { (isKept, isCancelled) = (false, false) }
        let passed = waiting.filter { comers[$0].place < one.place && !followers.contains($0) && !comers[$0].isClose }
        // A retry has the turn from the moment it is due.
        check(passed.isEmpty || one.kind == .close(.retry), "\(comer) has passed \(passed)")
    }

    mutating func ended(isOpen: Bool, isKept: Bool) {
        (self.isOpen, self.isKept) = (isOpen && !isCancelled, isKept)
        isCancelled = false
        holder = nil
    }

    mutating func cancelled() {
        isCancelled = holder != nil
        if holder == nil { isOpen = false }
    }

    /// The host has let go of what was kept.
    mutating func expired() { (isOpen, isKept) = (false, false) }

    mutating func did(_ actions: Queue.Actions) {
        for action in actions {
            switch action {
            case .run(let call, let verb):
                check(comers[call].isClose == (verb == .close), "\(call) runs as \(verb)")
                take(call)
            case .answer(let call, let answer): told(call, answer)
            case .refuse(let job, _):
                check(comers[job].isWaiting || holder == job, "the job \(job) is refused twice")
                comers[job].isWaiting = false
                if holder == job { ended(isOpen: isOpen, isKept: isKept) }
            case .runJob, .abortEvent, .passThroughLoop, .retryLater, .forgetRetry, .closeAgain: break
            }
        }
    }

    private mutating func told(_ call: Int, _ answer: Answer) {
        check(comers[call].isWaiting, "\(call) is answered twice")
        comers[call].isWaiting = false
        switch answer {
        case .done: check(comers[call].isClose, "\(call) is done, and no Close")
        case .sameResult: check(followers.remove(call) != nil || comers[call].kind == .close(.reselection), "\(call) gets a result that is not its own")
        case .refused: check(!comers[call].isClose, "the Close \(call) is refused")
        }
    }

    /// The job that is to have the turn.
    mutating func jobIsNext(_ job: Int) { take(job) }
    mutating func left(_ call: Int) {
        comers[call].isWaiting = false
        followers.remove(call)
    }
}
