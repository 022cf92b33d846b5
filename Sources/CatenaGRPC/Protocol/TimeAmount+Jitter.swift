// SPDX-License-Identifier: Apache-2.0
// Many connections that begin together should not all act together later.
internal import NIOCore

extension TimeAmount {
    /// This time, more or less by at most `share` of it, by chance.
    func jittered(by share: Double) -> TimeAmount {
        .nanoseconds(Int64(Double(nanoseconds) * Double.random(in: (1 - share)...(1 + share))))
    }
}
