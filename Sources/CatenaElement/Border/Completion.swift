// SPDX-License-Identifier: Apache-2.0
// Carries a closure through the `arg` of a C callback. The host calls back exactly once, which is where the one reference
// it holds is given back.
internal import CatenaABI

final class Completion {
    private let host: Host
    private let body: (borrowing Answer) -> Void

    init(_ host: Host, _ body: @escaping (borrowing Answer) -> Void) {
        self.host = host
        self.body = body
    }

    static let finish: catena_done = { argument, _, error, message in
        guard let argument else { return }
        let completion = Unmanaged<Completion>.fromOpaque(argument).takeRetainedValue()
        completion.body(Answer(error: error.map { ElementError(copying: $0) }, message, completion.host))
    }
}
