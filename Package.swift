// swift-tools-version: 6.3
import PackageDescription

// Layers, and who may import whom: the table of DESIGN, kept by .ci/imports.sh. Dependencies point downward only.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Element modules, one folder each under Plugins/: the type's name, and the name of its targets.
let modules = [
    ("logging", "Logging"), ("updatepath", "UpdatePath"), ("clienturl", "ClientURL"), ("serialize", "Serialize"),
    ("connect", "Connect"), ("healthcheck", "HealthCheck"), ("monitor", "Monitor"), ("heal", "Heal"),
]

/// The element itself, which tests import, and the module, which has the entry function and nothing else.
let moduleTargets: [Target] = modules.flatMap { _, name -> [Target] in
    [
        .target(
            name: "\(name)Element", dependencies: ["CatenaElement"], path: "Plugins/\(name)/Element", swiftSettings: settings),
        .target(
            name: "\(name)Module", dependencies: ["CatenaABI", "CatenaElement", .target(name: "\(name)Element")],
            path: "Plugins/\(name)/Module", swiftSettings: settings,
            // One symbol leaves a module. Unsafe flags on these targets only: on the kit they would bar its dependents.
            linkerSettings: [.unsafeFlags(["-Xlinker", "--version-script=\(Context.packageDirectory)/Plugins/exports.map"])]),
    ]
}

let package = Package(
    name: "catena",
    products: [
        .executable(name: "catena", targets: ["catena"]),
        // What an element's author builds against.
        .library(name: "CatenaElement", targets: ["CatenaElement"]),
        // What its tests are written with.
        .library(name: "CatenaElementTesting", targets: ["CatenaElementTesting"]),
    ]
        // lib<type>.so, beside the executable.
        + modules.map { .library(name: $0.0, type: .dynamic, targets: ["\($0.1)Module"]) }
        // A module of the tests.
        + [.library(name: "firing", type: .dynamic, targets: ["FiringModule"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    ],
    targets: [
        .target(name: "CatenaABI"),
        .target(name: "CLinux"),
        .target(name: "CatenaElement", dependencies: ["CatenaABI"], swiftSettings: settings),
        .target(name: "CatenaConfig", swiftSettings: settings),
        .target(name: "CatenaCrash", dependencies: ["CatenaABI"]),
        .target(name: "CatenaChain", dependencies: ["CLinux", "CatenaABI", "CatenaCrash"], swiftSettings: settings),
        .systemLibrary(name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(
            name: "CatenaGRPC",
            dependencies: [
                "CNghttp2", "CZlib", .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: settings + [.strictMemorySafety()]),
        .target(
            name: "CatenaNSM",
            dependencies: [
                "CatenaABI", "CatenaChain", "CatenaGRPC", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ], swiftSettings: settings),
        .target(
            name: "CatenaHost",
            dependencies: [
                "CLinux", "CatenaChain", "CatenaCrash", "CatenaConfig", "CatenaGRPC", "CatenaNSM", .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: settings),
        .target(
            name: "CatenaLoad", dependencies: ["CatenaGRPC", "CatenaNSM", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: settings),
        .target(
            name: "CatenaElementTesting", dependencies: ["CatenaABI", "CatenaChain", "CatenaElement", "CatenaNSM"], swiftSettings: settings),
        .executableTarget(
            name: "catena",
            dependencies: [
                "CatenaConfig", "CatenaGRPC", "CatenaHost", "CatenaLoad", "CatenaNSM",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ], swiftSettings: settings),
        .target(name: "BenchmarkSupport", dependencies: ["CatenaChain"], path: "Benchmarks/Support", swiftSettings: settings),
        // Measures a hop from inside, so it must see what only our own targets share. It has no dependency of its own.
        .executableTarget(
            name: "HopBenchmark", dependencies: ["BenchmarkSupport", "CatenaABI", "CatenaChain"], path: "Benchmarks/Hop", swiftSettings: settings),
        // Measures a turn of serialize, with the host's own messages.
        .executableTarget(
            name: "SerializeBenchmark", dependencies: ["BenchmarkSupport", "CatenaABI", "CatenaChain", "CatenaNSM"], path: "Benchmarks/Serialize",
            swiftSettings: settings),
        // CatenaGRPC as a peer for other implementations of gRPC, which Tests/Interop holds against it.
        .executableTarget(
            name: "GRPCPeer",
            dependencies: [
                "CatenaGRPC", .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "Tests/Interop/Peer", swiftSettings: settings),
    ]
        + moduleTargets
        + [
            .testTarget(name: "CatenaConfigTests", dependencies: ["CatenaConfig"], swiftSettings: settings),
            // Elements that begin calls from inside of a chain, for the tests of executors.
            .target(name: "FiringElements", dependencies: ["CatenaElement"], path: "Tests/Fixtures/firing/Elements", swiftSettings: settings),
            .target(
                name: "FiringModule", dependencies: ["CatenaABI", "CatenaElement", "FiringElements"], path: "Tests/Fixtures/firing/Module",
                swiftSettings: settings,
                linkerSettings: [.unsafeFlags(["-Xlinker", "--version-script=\(Context.packageDirectory)/Plugins/exports.map"])]),
            // Compiles the C modules of Tests/Fixtures.
            .target(name: "ModuleTestSupport", path: "Tests/ModuleTestSupport", swiftSettings: settings),
            .testTarget(
                name: "CatenaChainTests", dependencies: ["CatenaABI", "CatenaChain", "CatenaCrash", "CatenaElement", "ModuleTestSupport", "SerializeElement"], swiftSettings: settings),
            .testTarget(
                name: "CatenaGRPCTests",
                dependencies: [
                    "CNghttp2", "CatenaGRPC", .product(name: "NIOCore", package: "swift-nio"),
                    .product(name: "NIOEmbedded", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                ], swiftSettings: settings),
            .testTarget(
                name: "CatenaNSMTests",
                dependencies: [
                    "CatenaABI", "CatenaChain", "CatenaGRPC", "CatenaNSM", .product(name: "NIOCore", package: "swift-nio"),
                    .product(name: "NIOPosix", package: "swift-nio"),
                    .product(name: "SwiftProtobuf", package: "swift-protobuf"),
                ], exclude: ["README.md"], swiftSettings: settings),
            .testTarget(
                name: "CatenaLoadTests",
                dependencies: [
                    "CatenaGRPC", "CatenaLoad", "CatenaNSM", .product(name: "NIOCore", package: "swift-nio"),
                    .product(name: "NIOPosix", package: "swift-nio"), .product(name: "SwiftProtobuf", package: "swift-protobuf"),
                ], swiftSettings: settings),
            .testTarget(
                name: "CatenaHostTests",
                dependencies: [
                    "CatenaChain", "CatenaConfig", "CatenaGRPC", "CatenaHost", "ModuleTestSupport", .product(name: "NIOCore", package: "swift-nio"),
                    .product(name: "NIOPosix", package: "swift-nio"),
                ], swiftSettings: settings),
            .testTarget(
                name: "CatenaElementTests", dependencies: ["CatenaABI", "CatenaConfig", "CatenaElement", "CatenaElementTesting"],
                swiftSettings: settings),
            .testTarget(
                name: "CatenaElementTestingTests",
                dependencies: ["CatenaABI", "CatenaElement", "CatenaElementTesting", "FiringElements", "ModuleTestSupport"],
                swiftSettings: settings),
            .testTarget(
                name: "PluginTests",
                dependencies: [
                    "CatenaABI", "CatenaChain", "CatenaElement", "CatenaElementTesting", "CatenaGRPC", "CatenaNSM", "FiringElements",
                    "ModuleTestSupport", .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                ] + modules.map { .target(name: "\($0.1)Element") },
                exclude: ["Connect/Originals/README.md", "Serialize/Originals/README.md"],
                swiftSettings: settings),
            .testTarget(
                name: "EndToEndTests",
                dependencies: [
                    "CatenaABI", "CatenaGRPC", "CatenaNSM", "ModuleTestSupport", .product(name: "NIOCore", package: "swift-nio"),
                    .product(name: "NIOPosix", package: "swift-nio"),
                ], swiftSettings: settings),
        ],
    swiftLanguageModes: [.v6]
)
