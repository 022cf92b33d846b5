// SPDX-License-Identifier: Apache-2.0
// The first element of Docs/WRITING-AN-ELEMENT.md, which shows this file without these lines. It is compiled here, so that
// nobody's first five minutes end in a compiler error.

public import CatenaElement

public final class StampElement: ChainElement, RequestHook {
    public static let descriptor = ElementDescriptor("stamp", summary: "marks each Request with a label")
    public init(config: NoConfig, host: Host) {}
    public func request(_ hop: borrowing Hop<StampElement>) -> Verdict {
        hop.message[label: "stamped"] = "yes"
        return .next
    }
}
