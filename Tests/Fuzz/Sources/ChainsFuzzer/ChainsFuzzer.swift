// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer around the reader of chains.json. What it promises of any input is in ChainsPromises, which the unit tests share.

internal import FuzzDriver

@main
enum ChainsFuzzer {
    static func main() {
        FuzzDriver.run { data, size in
            FuzzDriver.expectNone(ChainsPromises.broken(by: Array(UnsafeBufferPointer(start: data, count: size))))
        }
    }
}
