// SPDX-License-Identifier: Apache-2.0
// The one symbol of libfiring.so.
public import CatenaABI
internal import CatenaElement
internal import FiringElements

private let module = Module("firing", version: "0.1.0", types: [FireRequest.self, FireClose.self])

@c(catena_module_v1)
public func entry(_ offer: UnsafePointer<catena_offer>?, _ why: UnsafeMutablePointer<CChar>?, _ size: Int) -> UnsafePointer<catena_module>? {
    module.answer(offer, why, size)
}
