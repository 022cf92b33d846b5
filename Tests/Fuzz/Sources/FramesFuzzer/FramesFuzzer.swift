// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer around a connection. What it promises of any input is in FramesPromises, which the unit tests share.

internal import FuzzDriver

@main
enum FramesFuzzer {
    static func main() {
        FuzzDriver.run { data, size in
            FuzzDriver.expectNone(FramesPromises.broken(by: Array(UnsafeBufferPointer(start: data, count: size))))
        }
    }
}
