// SPDX-License-Identifier: Apache-2.0
// The one symbol of libheal.so. The element lives in a target of its own, so that tests can use it without this symbol.
public import CatenaABI
internal import CatenaElement
internal import HealElement

private let module = Module("heal", version: "0.1.0", types: [HealElement.self])

@c(catena_module_v1)
public func entry(_ offer: UnsafePointer<catena_offer>?, _ why: UnsafeMutablePointer<CChar>?, _ size: Int) -> UnsafePointer<catena_module>? {
    module.answer(offer, why, size)
}
