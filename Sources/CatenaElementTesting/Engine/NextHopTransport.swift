// SPDX-License-Identifier: Apache-2.0
// How the engine reaches the scripted next hop: a factory that knows every URL an element may write, and transports that lead
// to the one script.
internal import CatenaABI
internal import CatenaChain
internal import CatenaElement
internal import Synchronization

struct NextHopFactory: TransportFactory {
    let nextHop: NextHop

    func makeTransport(url: String, options: TransportOptions) -> (any CatenaChain.Transport)? {
        // The URLs that the host knows are the kit's; what it would refuse, a bench refuses.
        guard (try? ClientURL(url)) != nil else { return nil }
        return NextHopTransport(nextHop, url: url, DialOptions(options))
    }
}

final class NextHopTransport: CatenaChain.Transport {
    private let nextHop: NextHop
    private let url: String
    private let number: Int

    init(_ nextHop: NextHop, url: String, _ options: DialOptions) {
        self.nextHop = nextHop
        self.url = url
        number = nextHop.connect(url, options)
    }

    var state: UInt32 { CATENA_TRANSPORT_READY }

    func call(
        _ verb: Verb, message: OpaquePointer, deadline: UInt64, home: CatenaChain.Home, completion: TransportCompletion
    ) -> any TransportCall {
        let received = NextHop.Received(
            verb: verb == .request ? .request : .close, url: url, message: TestMessage(at: message),
            deadline: deadline == 0 ? nil : deadline)
        let call = HeldCall(received, nextHop, completion)
        nextHop.receive(received, call)
        return call
    }

    func watch(_ subject: WatchSubject, home: CatenaChain.Home, listener: any WatchListener) -> (any TransportCall)? {
        nextHop.said.begin(subject, home.loop, listener)
    }

    func close() { nextHop.closed(number) }
}

/// One call that waits for its answer, which comes once.
final class HeldCall: TransportCall {
    let received: NextHop.Received
    private let nextHop: NextHop
    private let completion: Mutex<TransportCompletion?>

    init(_ received: NextHop.Received, _ nextHop: NextHop, _ completion: TransportCompletion) {
        self.received = received
        self.nextHop = nextHop
        self.completion = Mutex(completion)
    }

    func answer(_ answer: consuming TransportAnswer) {
        let completion = completion.withLock { completion in
            defer { completion = nil }
            return completion
        }
        completion?(answer)
    }

    func cancel() { nextHop.cancel(self) }
}
