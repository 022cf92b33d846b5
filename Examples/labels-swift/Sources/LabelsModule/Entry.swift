// SPDX-License-Identifier: Apache-2.0
// The one symbol of liblabels.so. It must be public, or a release build drops it.
import CatenaElement
import LabelsElement

public import CatenaABI

private let module = Module("labels", version: "1.0.0", types: [LabelsElement.self])

@c(catena_module_v1)
public func entry(_ offer: UnsafePointer<catena_offer>?, _ why: UnsafeMutablePointer<CChar>?, _ size: Int) -> UnsafePointer<catena_module>? {
    module.answer(offer, why, size)
}
