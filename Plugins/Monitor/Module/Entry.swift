// SPDX-License-Identifier: Apache-2.0
// The one symbol of libmonitor.so. The element lives in a target of its own, so that tests can use it without this symbol.
public import CatenaABI
internal import CatenaElement
internal import MonitorElement

private let module = Module("monitor", version: "0.1.0", types: [MonitorElement.self])

@c(catena_module_v1)
public func entry(_ offer: UnsafePointer<catena_offer>?, _ why: UnsafeMutablePointer<CChar>?, _ size: Int) -> UnsafePointer<catena_module>? {
    module.answer(offer, why, size)
}
