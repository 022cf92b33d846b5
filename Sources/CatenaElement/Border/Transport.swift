// SPDX-License-Identifier: Apache-2.0
// One counted reference. It has one owner and goes back when that lets go of it, so that no count can leak or go below
// zero.
internal import CatenaABI

/// A reference to a transport; from ``ClientService/acquire(_:_:)``, to be given to a leg.
public struct Transport: ~Copyable {
    let number: UInt64
    private let host: Host

    init(_ number: UInt64, _ host: Host) {
        self.number = number
        self.host = host
    }

    deinit { _ = host.services.pointee.client.pointee.release(host.pointer, number) }

    /// To a function that takes the reference over.
    consuming func handOver() -> UInt64 {
        let number = number
        discard self
        return number
    }
}
