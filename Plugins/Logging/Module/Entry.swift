// SPDX-License-Identifier: Apache-2.0
// The one symbol of liblogging.so. The element lives in a target of its own, so that tests can use it without this symbol.
public import CatenaABI
internal import CatenaElement
internal import LoggingElement

private let module = Module("logging", version: "0.1.0", types: [LoggingElement.self])

@c(catena_module_v1)
public func entry(_ offer: UnsafePointer<catena_offer>?, _ why: UnsafeMutablePointer<CChar>?, _ size: Int) -> UnsafePointer<catena_module>? {
    module.answer(offer, why, size)
}
