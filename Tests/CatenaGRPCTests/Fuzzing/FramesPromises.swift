// SPDX-License-Identifier: Apache-2.0
// What holds for every conversation of a peer with one of our connections, good or not. The fuzzer of Tests/Fuzz compiles this very
// file and those beside it: what it looks for and what the unit tests replay can therefore not differ.

import NIOCore
import NIOEmbedded

@testable import CatenaGRPC

/// The promises of a connection to its peer, to the handlers of a server and to the callers of a client.
enum FramesPromises {
    private static let isClient: UInt8 = 0x1
    private static let isSilent: UInt8 = 0x2
    private static let isNarrow: UInt8 = 0x4
    private static let isLate: UInt8 = 0x8

    /// The promises that do not hold for this conversation, as sentences; not to crash and to come back are two more.
    ///
    /// The first byte says what we are and how we are set, the rest is a ``FrameScript``.
    static func broken(by bytes: [UInt8]) -> [String] {
        var script = FrameScript(bytes)
        let options = script.byte()
        weak var handler: HTTP2Connection?
        var broken: [String] = []
        do {
            let side: any FuzzedSide =
                options & isClient != 0 ? FuzzedClient(isNarrow: options & isNarrow != 0) : FuzzedServer(isNarrow: options & isNarrow != 0)
            var conversation = try Conversation(side)
            handler = conversation.handler
            if options & isSilent == 0 { conversation.begin() }
            broken = conversation.run(&script, isLate: options & isLate != 0)
        } catch {
            return ["the connection was not made: \(error)"]
        }
        if handler != nil { broken.append("a connection outlives its channel") }
        return broken
    }
}

/// The side of the connection that is under test.
protocol FuzzedSide: AnyObject {
    var loop: EmbeddedEventLoop { get }
    /// What the peer's frames begin with.
    var peerPreface: [UInt8] { get }
    var isServer: Bool { get }
    func makeHandler(for channel: EmbeddedChannel) throws -> HTTP2Connection
    /// Those of our calls.
    var deadlines: [NIODeadline] { get }
    /// Does something to one of the calls.
    func act(_ action: Int, on number: Int)
    /// The channel is gone: the promises that were not kept.
    func finish() -> [String]
}

/// A channel between a script and the side under test.
struct Conversation {
    private static let settings = ScriptedFrame(type: 4, flags: 0, stream: 0, payload: [])

    private let side: any FuzzedSide
    private let channel: EmbeddedChannel
    private(set) weak var handler: HTTP2Connection?
    private var check: OutputCheck
    private var pending: [UInt8] = []
    private var last: ScriptedFrame?

    init(_ side: any FuzzedSide) throws {
        self.side = side
        channel = EmbeddedChannel(loop: side.loop)
        check = OutputCheck(isServer: side.isServer)
        side.loop.advanceTime(to: .now())
        let handler = try side.makeHandler(for: channel)
        self.handler = handler
        try channel.pipeline.syncOperations.addHandler(handler)
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
    }

    /// Greets as a peer should.
    mutating func begin() { pending = side.peerPreface + Self.settings.encoded }

    /// Runs the script to its end, lets some time pass if `isLate`, and closes the channel.
    mutating func run(_ script: inout FrameScript, isLate: Bool) -> [String] {
        while let step = script.next() { perform(step) }
        deliver(piece: 0)
        if isLate { wait() }
        let wasCut = !channel.isActive
        channel.close(promise: nil)
        turn()
        check.finish(wasCut: wasCut)
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        return check.broken + side.finish()
    }

    private mutating func perform(_ step: FrameStep) {
        switch step {
        case .bytes(let bytes): pending += bytes
        case .frame(let frame):
            pending += frame.encoded
            last = frame
        case .again(let count):
            guard let last, pending.count < 1 << 20 else { return }
            let bytes = last.encoded
            for _ in 0..<(bytes.count > 1_000 ? min(count, 20) : count) { pending += bytes }
        case .deliver(let piece): deliver(piece: piece)
        case .call(let action, let number): side.act(action, on: number)
        case .connection(let action): act(action)
        }
    }

    private mutating func deliver(piece: Int) {
        var rest = pending[...]
        pending = []
        while !rest.isEmpty, channel.isActive {
            // In pieces each is a read of its own; a large input must not become a million of them.
            let count = piece == 0 || rest.count > 4_096 ? rest.count : piece
            channel.pipeline.fireChannelRead(ByteBuffer(bytes: rest.prefix(count)))
            channel.pipeline.fireChannelReadComplete()
            rest = rest.dropFirst(count)
        }
        turn()
    }

    private mutating func act(_ action: Int) {
        switch action % 8 {
        case 0: turn()
        case 1: channel.pipeline.fireUserInboundEventTriggered(DrainRequest())
        case 2: channel.isWritable = false
        case 3: channel.isWritable = true
        case 4: channel.close(promise: nil)
        case 5: channel.pipeline.fireErrorCaught(ChannelError.ioOnClosedChannel)
        // Two reads in one batch: the second comes before the first is answered.
        case 6:
            let half = pending.count / 2
            channel.pipeline.fireChannelRead(ByteBuffer(bytes: pending.prefix(half)))
            channel.pipeline.fireChannelRead(ByteBuffer(bytes: pending.dropFirst(half)))
            channel.pipeline.fireChannelReadComplete()
            pending = []
        default: handler?.close(reason: "the script says so")
        }
        if action % 8 == 2 || action % 8 == 3 { channel.pipeline.fireChannelWritabilityChanged() }
        turn()
    }

    /// Longer than any timer of a connection but that of a good peer's keepalive.
    private static let longTime = TimeAmount.seconds(12)

    /// Lets time pass, unless a call's deadline is near: deadlines are of the real clock, and a timer of theirs that fires ahead of it is
    /// armed again at once, until the real clock is there too.
    private mutating func wait() {
        let deadlines = (handler?.session.streams ?? []).compactMap { ($0 as? ServerStream)?.deadline } + side.deadlines
        guard !deadlines.contains(where: { $0 > .now() && $0 < .now() + Self.longTime + Self.longTime }) else { return }
        side.loop.advanceTime(by: Self.longTime)
        turn()
    }

    /// Runs what is due on the loop, and reads what was sent.
    private mutating func turn() {
        side.loop.advanceTime(to: max(side.loop.now, .now()))
        while let bytes = try? channel.readOutbound(as: ByteBuffer.self) { check.read(bytes.readableBytesView) }
    }
}
