// SPDX-License-Identifier: Apache-2.0
// Verdicts as the header's numbers.
internal import CatenaABI
internal import CatenaElement

extension HookAnswer {
    init(_ verdict: catena_verdict, _ error: ElementError?) {
        switch verdict {
        case CATENA_NEXT: self = .next
        case CATENA_DONE: self = .done
        case CATENA_PENDING: self = .pending
        case CATENA_AGAIN: self = .again
        case CATENA_FAIL: self = .fail(error)
        default: self = .unknown(verdict)
        }
    }
}
