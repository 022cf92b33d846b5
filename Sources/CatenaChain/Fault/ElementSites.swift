// SPDX-License-Identifier: Apache-2.0
// Says on the thread that runs it whose code runs, so that a crash can be laid at an element's door. A hook costs one store;
// the texts are made once for each instance.

internal import CatenaABI
internal import CatenaCrash

/// The functions of one element instance, as the last line of a crashed process names them.
///
/// Owned by its instance, whose code cannot run when it is gone.
struct ElementSites: @unchecked Sendable {  // written in init, only read after
    /// A function of an element that the engine calls.
    enum Function: Int, CaseIterable {
        case validate, create, start, stop, destroy
        case request, requestReply, close, closeReply, cancel
        case callDropped, connectionDropped
        case timer, posted, done, job, watch

        /// As catena.h spells it.
        var name: StaticString {
            switch self {
            case .validate: "validate"
            case .create: "create"
            case .start: "start"
            case .stop: "stop"
            case .destroy: "destroy"
            case .request: "request"
            case .requestReply: "request_reply"
            case .close: "close"
            case .closeReply: "close_reply"
            case .cancel: "cancel"
            case .callDropped: "call_dropped"
            case .connectionDropped: "conn_dropped"
            case .timer: "a timer's function"
            case .posted: "a posted function"
            case .done: "a completion"
            case .job: "a job"
            case .watch: "a watch's function"
            }
        }
    }

    private let sites: UnsafeMutablePointer<catena_crash_site>
    private let texts: UnsafeMutablePointer<CChar>

    /// - Parameters:
    ///   - path: of the instance, such as `forwarder/connect`.
    ///   - module: the file it comes from.
    init(path: String, module: String) {
        let bytes = Array(path.utf8CString) + Array(module.utf8CString)
        texts = .allocate(capacity: bytes.count)
        texts.initialize(from: bytes, count: bytes.count)
        sites = .allocate(capacity: Function.allCases.count)
        for function in Function.allCases {
            let name = UnsafeRawPointer(function.name.utf8Start).assumingMemoryBound(to: CChar.self)
            (sites + function.rawValue).initialize(
                to: catena_crash_site(element: texts, module: texts + path.utf8CString.count, function: name))
        }
    }

    func deallocate() {
        sites.deallocate()
        texts.deallocate()
    }

    subscript(_ function: Function) -> UnsafePointer<catena_crash_site> { UnsafePointer(sites + function.rawValue) }

    /// Runs a function of the element that is not a hook of a walk. What the thread said before is put back.
    func run<Result>(_ function: Function, for connection: Connection? = nil, _ body: () -> Result) -> Result {
        run(catena_crash_thread(site: self[function], hop: nil, connection: connection?.idView ?? catena_str()), body)
    }

    /// The same, for a function that is given the call: the connection's id is in its message.
    func run<Result>(_ function: Function, in hop: UnsafePointer<catena_hop>, _ body: () -> Result) -> Result {
        run(catena_crash_thread(site: self[function], hop: hop, connection: catena_str()), body)
    }

    private func run<Result>(_ here: catena_crash_thread, _ body: () -> Result) -> Result {
        let before = catena_crash_get()
        catena_crash_set(here)
        defer { catena_crash_set(before) }
        return body()
    }
}
