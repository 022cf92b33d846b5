// SPDX-License-Identifier: Apache-2.0
// What follows when an element breaks a rule that the host can see but cannot mend.

/// What is done with an element that answered with no verdict of the list, answered a hook twice, or never answered.
public enum FaultPolicy: String, Sendable, CaseIterable {
    /// The call fails with INTERNAL, and the element goes on being used.
    case fail
    /// The instance is taken out as well: later Requests that would enter it fail with UNAVAILABLE, Closes pass it by, and its
    /// slots are dropped as usual. It is never silently skipped.
    case disable
}
