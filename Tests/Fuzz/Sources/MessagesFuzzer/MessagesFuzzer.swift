// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer around the message index. What it promises of any input is in MessagesPromises, which the unit tests share.

internal import FuzzDriver

@main
enum MessagesFuzzer {
    static func main() {
        FuzzDriver.run { data, size in
            FuzzDriver.expectNone(MessagesPromises.broken(by: Array(UnsafeBufferPointer(start: data, count: size))))
        }
    }
}
