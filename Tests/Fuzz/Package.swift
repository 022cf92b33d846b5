// swift-tools-version: 6.3
import PackageDescription

// A package of its own: libFuzzer counts edges in code that was compiled for it, which no other build of CatenaConfig should be.
// The target is the folder itself, by a symbolic link, so there is nothing to resolve and nothing else to compile.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "catena-fuzz",
    targets: [
        .target(name: "CLibFuzzer"),
        .target(
            name: "CatenaConfig", path: "Sources/CatenaConfig",
            swiftSettings: settings + [.unsafeFlags(["-sanitize=fuzzer", "-parse-as-library", "-enable-testing"])]),
        .executableTarget(
            name: "ChainsFuzzer", dependencies: ["CLibFuzzer", "CatenaConfig"], path: "Sources/ChainsFuzzer",
            swiftSettings: settings + [.unsafeFlags(["-sanitize=fuzzer", "-parse-as-library"])],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]),
    ],
    swiftLanguageModes: [.v6]
)
