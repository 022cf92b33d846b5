// SPDX-License-Identifier: Apache-2.0
//
// An address that is taken or forbidden shows only when it is opened, in another process than the one that read the file.
// So each listener keeps its place beside its URL.

/// One entry of a chain's `listen`.
public struct Listener: Sendable {
    /// `tcp` or `unix`; never `inproc`, by which every chain can be reached anyway.
    public let url: EndpointURL
    /// The entry as written.
    public let place: Place
}
