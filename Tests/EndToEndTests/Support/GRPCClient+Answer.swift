// SPDX-License-Identifier: Apache-2.0
// Calls of the NSM API as a caller makes them, without a chain on its side.

import CatenaGRPC
import NIOCore

extension GRPCClient {
    /// The answer to one call, waited for a minute at most.
    func answer(_ method: String, _ payload: [UInt8]) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            call(method, payload: ByteBuffer(bytes: payload), deadline: .now() + .seconds(60)) { result in
                continuation.resume(with: result.map { Array($0.payload.readableBytesView) })
            }
        }
    }
}
