// SPDX-License-Identifier: Apache-2.0

/// `"onFault"` of an element: what follows when it breaks a rule of the element ABI, such as a verdict that is none, a hook that
/// it answers twice, or one that it never answers.
public enum OnFault: String, Sendable, CaseIterable {
    /// That call fails with INTERNAL, and the element goes on being used.
    case fail
    /// The instance is taken out as well: Requests that would enter it fail with UNAVAILABLE, Closes pass it by.
    case disable
}
