// SPDX-License-Identifier: Apache-2.0
// Connections keep where they go, and most of those that follow one another go to the same place: they share the text.
internal import CatenaElement
internal import Synchronization

/// The URL that was kept last. Any thread.
final class LastURL: Sendable {
    private let last = Mutex<KeptURL?>(nil)

    /// `url`, in the memory of the last one if it is the same.
    func kept(_ url: ClientURL) -> KeptURL {
        last.withLock { last in
            if let last, url == last { return last }
            let kept = KeptURL(url)
            last = kept
            return kept
        }
    }
}
