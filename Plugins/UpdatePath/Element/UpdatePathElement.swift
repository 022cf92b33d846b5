// SPDX-License-Identifier: Apache-2.0
// Enters this chain into the connection's path and sets the connection's id here, by which everything below knows it.
// Toward the caller the path keeps what was learned and the connection its own id.
public import CatenaElement

/// Sets path index and connection id on the way in, and restores both on the way out of a Request.
public final class UpdatePathElement: ChainElement, RequestHook, RequestReplyHook, CloseHook {
    public typealias CallSlot = CallerIndex

    public static let descriptor = ElementDescriptor("updatepath", summary: "enters this chain into the connection's path")

    private let path: PathUpdate

    public init(config: UpdatePathConfig, host: Host) {
        path = PathUpdate(name: config.name) {
            var random = SystemRandomNumberGenerator()
            return UUIDv4.text(from: &random)
        }
    }

    public func request(_ hop: borrowing Hop<UpdatePathElement>) -> Verdict {
        do throws(ElementError) {
            hop.callSlot.index = try path.enter(hop.message)
            return .next
        } catch {
            return .fail(error)
        }
    }

    public func requestReply(_ hop: borrowing Hop<UpdatePathElement>, below: borrowing Outcome) -> Verdict {
        if !below.failed { path.leave(hop.message, index: hop.callSlot.index) }
        return .next
    }

    public func close(_ hop: borrowing Hop<UpdatePathElement>) -> Verdict {
        if hop.message.segmentCount == 0, hop.message.borrowedID.isEmpty {
            return .fail(.invalidArgument, "a Close needs a connection with an id or a path")
        }
        do throws(ElementError) {
            _ = try path.enter(hop.message)
            return .next
        } catch {
            return .fail(error)
        }
    }
}

/// The caller's path index, of one call.
public struct CallerIndex: Slot {
    var index = 0
    public init() {}
}
