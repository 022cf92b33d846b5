// SPDX-License-Identifier: Apache-2.0
// Who heals, when it gives up, and how a connection is found dead that the next hop still calls up.
public import CatenaElement

/// The config of `heal`.
public struct HealConfig: ElementConfig {
    /// A command that says whether a connection carries anything; nil: what the next hop says counts alone.
    public var liveness: LivenessConfig?
    /// Whether another endpoint may be chosen here.
    public var role = RoleRule.auto
    /// How long a client waits for others on the path to heal.
    public var reselectAfter = Duration.seconds(10)
    /// The first pause between attempts.
    public var backoff = Duration.milliseconds(100)
    /// The longest.
    public var backoffMax = Duration.seconds(5)
    /// How often is tried; 0: until the path expires.
    public var maxAttempts = 0
    /// How many healing Requests may be under way, of all connections.
    public var parallel = 64

    /// Without a liveness check.
    public init() {}

    /// The keys of the config.
    public static let fields: [ConfigField<HealConfig>] = [
        .optional("liveness", \.liveness, .object, "a command that says whether a connection carries anything"),
        .optional("role", \.role, .choice, "a client may choose another endpoint, a forwarder does not; by its place in the path unless said"),
        .optional("reselectAfter", \.reselectAfter, .duration, "how long a client waits for those beyond to heal, before it chooses another endpoint"),
        .optional("backoff", \.backoff, .duration, "first pause between attempts"),
        .optional("backoffMax", \.backoffMax, .duration, "longest pause, to which they grow while attempts fail"),
        .optional("maxAttempts", \.maxAttempts, .int(in: 0...1_000_000), "attempts before it gives up; 0: until the path expires"),
        .optional("parallel", \.parallel, .int(in: 1...65_536), "most healing Requests under way at a time, of all connections"),
    ]

    public func problems() -> [ConfigProblem] {
        guard backoffMax < backoff else { return [] }
        return [ConfigProblem(at: "/backoffMax", "expected a duration not below \"backoff\" (\"5s\" if not written)")]
    }

    /// What the state machine goes by.
    var rules: HealRules {
        HealRules(
            reselectAfter: reselectAfter.nanoseconds, backoff: backoff.nanoseconds, backoffMax: backoffMax.nanoseconds,
            maxAttempts: maxAttempts, maxFailures: liveness?.failures)
    }
}

/// Whether another endpoint may be chosen here.
public enum RoleRule: String, ConfigChoice {
    /// The first of the path is a client, the others are forwarders.
    case auto
    /// It heals end to end.
    case client
    /// It asks for the same again.
    case forwarder
}

/// The config of a liveness check.
public struct LivenessConfig: ElementConfig {
    /// The command and its arguments.
    public var command: [String] = []
    /// From the end of a check to the next.
    public var interval = Duration.milliseconds(200)
    /// Longest run of the command.
    public var timeout = Duration.milliseconds(100)
    /// How many in a row count.
    public var failures = 3

    /// With no command, which chains.json must give.
    public init() {}

    /// The keys of the object.
    public static let fields: [ConfigField<LivenessConfig>] = [
        .required("command", \.command, .list(of: .text(orEmpty: true)), "the command and its arguments; it gets the connection as JSON, and ends with 0 while that is alive"),
        .optional("interval", \.interval, .duration, "pause between two checks"),
        .optional("timeout", \.timeout, .duration, "longest run of the command, which is killed then"),
        .optional("failures", \.failures, .int(in: 1...1_000), "failed checks in a row after which the connection counts as dead"),
    ]

    public func problems() -> [ConfigProblem] {
        guard command.first?.isEmpty != false else { return [] }
        return [ConfigProblem(at: "/command", "expected a list that begins with a program")]
    }
}
