// swift-tools-version: 6.3
import PackageDescription

// A package of its own: libFuzzer counts edges in code that was compiled for it, which no other build of these targets should be.
// The targets are the folders themselves, by symbolic links; what they depend on is compiled as always, so that no input is kept for
// what it does in there.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")

/// The code under test.
func tried(_ name: String, _ dependencies: [Target.Dependency], without: [String] = [], sanitizers: String = "fuzzer") -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(name)", exclude: without,
        swiftSettings: settings + [.unsafeFlags(["-sanitize=\(sanitizers)", "-parse-as-library", "-enable-testing"])])
}

/// A program that tries it.
func fuzzer(_ name: String, _ dependencies: [Target.Dependency], sanitizers: String = "fuzzer") -> Target {
    .executableTarget(
        name: name, dependencies: ["FuzzDriver"] + dependencies, path: "Sources/\(name)",
        swiftSettings: settings + [.unsafeFlags(["-sanitize=\(sanitizers)", "-parse-as-library"])],
        linkerSettings: [.unsafeFlags(["-sanitize=\(sanitizers)", "-use-ld=lld"])])
}

let package = Package(
    name: "catena-fuzz",
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    ],
    targets: [
        .target(name: "CLibFuzzer"),
        .target(name: "FuzzDriver", dependencies: ["CLibFuzzer"], swiftSettings: settings),
        .target(name: "CatenaABI"),
        .systemLibrary(name: "CNghttp2", path: "Sources/CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
        .systemLibrary(name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        tried("CatenaConfig", []),
        fuzzer("ChainsFuzzer", ["CatenaConfig"]),
        // Everything unsafe of this module is beside nghttp2, which keeps addresses of our objects: so the addresses are looked at too.
        tried(
            "CatenaGRPC", ["CNghttp2", "CZlib", nioCore, .product(name: "NIOPosix", package: "swift-nio")], sanitizers: "fuzzer,address"),
        fuzzer("FramesFuzzer", ["CNghttp2", "CatenaGRPC", nioCore, nioEmbedded], sanitizers: "fuzzer,address"),
        tried("CatenaNSM", ["CatenaABI", protobuf], without: ["Loop", "Service", "Transport"]),
        fuzzer("MessagesFuzzer", ["CatenaNSM", protobuf]),
    ],
    swiftLanguageModes: [.v6]
)
