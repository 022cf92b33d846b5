// SPDX-License-Identifier: Apache-2.0
// An error of the engine in the kit's words, with all its causes.
internal import CatenaChain
internal import CatenaElement

extension ElementError {
    init(copying error: CallError) {
        self.init(Code(rawValue: error.code), error.text, cause: error.cause.map { ElementError(copying: $0) })
        origin = error.origin
        isIndefinite = error.isIndefinite
        isRefusal = error.isRefused
    }
}
