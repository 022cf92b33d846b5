// SPDX-License-Identifier: Apache-2.0
// How a queue behaves where reasonable people differ. Everything else it does is the same in every chain.
public import CatenaElement

/// The config of `serialize`.
public struct SerializeConfig: ElementConfig {
    /// Most Requests and jobs that wait for one connection. A Close is never counted.
    public var queue = 128
    /// Whether waiting Requests that say the same become one.
    public var coalesce = true
    /// What a Request gets that waited for a Close while another one began.
    public var onRace = OnRace.keep
    /// What becomes of a Close of a connection that is not open.
    public var unknownClose = UnknownClose.quiet

    /// The defaults.
    public init() {}

    /// The keys of the config.
    public static let fields: [ConfigField<SerializeConfig>] = [
        .optional("queue", \.queue, .int(in: 1...65_536), "most Requests and jobs that wait for one connection; a Close is never counted"),
        .optional("coalesce", \.coalesce, .bool, "waiting Requests that differ at most in tokens, expiries and metrics become one"),
        .optional("onRace", \.onRace, .choice, "a Request that waited for the end of a connection keeps its place, or fails if another one began first"),
        .optional("unknownClose", \.unknownClose, .choice, "a Close of a connection that is not open ends here with success, or goes on below"),
    ]

    var rules: TurnRules {
        TurnRules(limit: queue, failsOnRace: onRace == .fail, forwardsUnknown: unknownClose == .forward)
    }
}

/// What a Request gets that waited for the end of a connection, when another Request comes just then.
public enum OnRace: String, ConfigChoice {
    /// The next turn.
    case keep
    /// An error, if the other one has begun.
    case fail
}

/// What becomes of a Close of a connection that is not open.
public enum UnknownClose: String, ConfigChoice {
    /// It ends here, with success.
    case quiet
    /// It goes on below, as a host that has lost its state needs it.
    case forward
}
