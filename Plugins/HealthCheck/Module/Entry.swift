// SPDX-License-Identifier: Apache-2.0
// The one symbol of libhealthcheck.so. The element lives in a target of its own, so that tests can use it without this symbol.
public import CatenaABI
internal import CatenaElement
internal import HealthCheckElement

private let module = Module("healthcheck", version: "0.1.0", types: [HealthCheckElement.self])

@c(catena_module_v1)
public func entry(_ offer: UnsafePointer<catena_offer>?, _ why: UnsafeMutablePointer<CChar>?, _ size: Int) -> UnsafePointer<catena_module>? {
    module.answer(offer, why, size)
}
