// SPDX-License-Identifier: Apache-2.0
//
// What every fuzzer is: libFuzzer around a function that says which promises an input breaks. Such an input ends the process, and
// libFuzzer writes it to a file.

internal import CLibFuzzer
internal import Glibc

public enum FuzzDriver {
    /// One input, as libFuzzer hands it over; returns 0.
    public typealias Input = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

    /// Runs until libFuzzer's own options, which are the program's, say that it is enough.
    public static func run(_ input: Input) {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        _ = LLVMFuzzerRunDriver(&count, &arguments, input)
    }

    /// Ends the process unless every promise was kept.
    public static func expectNone(_ broken: [String]) -> CInt {
        if broken.isEmpty { return 0 }
        let report = Array(broken.map { "broken promise: \($0)\n" }.joined().utf8)
        _ = write(STDERR_FILENO, report, report.count)
        abort()
    }
}
