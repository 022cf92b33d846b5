// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer around the reader of chains.json. What it promises of any input is in ChainsPromises, which the unit tests share: an
// input that breaks a promise ends the process, and libFuzzer writes it to a file.

internal import CLibFuzzer
internal import Glibc

@main
enum ChainsFuzzer {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        _ = LLVMFuzzerRunDriver(&count, &arguments, read)
    }

    private static let read: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt = { data, size in
        let broken = ChainsPromises.broken(by: Array(UnsafeBufferPointer(start: data, count: size)))
        if broken.isEmpty { return 0 }
        let report = Array(broken.map { "broken promise: \($0)\n" }.joined().utf8)
        _ = write(STDERR_FILENO, report, report.count)
        abort()
    }
}
