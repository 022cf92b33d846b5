// SPDX-License-Identifier: Apache-2.0
// The empty element in Swift, with the kit: both hooks of a Request, and nothing in them. What a hop costs is measured with it.

import CatenaABI
import CatenaElement

final class Pass: ChainElement, RequestHook, RequestReplyHook {
    static let descriptor = ElementDescriptor("swiftpass", summary: "only forwards, in Swift")

    init(config: NoConfig, host: Host) {}

    func request(_ hop: borrowing Hop<Pass>) -> Verdict { .next }
    func requestReply(_ hop: borrowing Hop<Pass>, below: borrowing Outcome) -> Verdict { .next }
}

private let module = Module("swiftpass", version: "1", types: [Pass.self])

@c(catena_module_v1)
public func entry(offer: UnsafePointer<catena_offer>?, why: UnsafeMutablePointer<CChar>?, size: Int) -> UnsafePointer<catena_module>? {
    module.answer(offer, why, size)
}
