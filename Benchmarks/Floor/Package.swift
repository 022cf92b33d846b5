// swift-tools-version: 6.3
import PackageDescription

// What libnghttp2 under swift-nio costs with nothing on top: a package of its own, so that no code of Catena can get into it.
let package = Package(
    name: "floor",
    dependencies: [.package(url: "https://github.com/apple/swift-nio", from: "2.101.2")],
    targets: [
        .systemLibrary(name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
        .executableTarget(
            name: "floor",
            dependencies: [
                "CNghttp2", .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "Sources/Floor"),
    ],
    swiftLanguageModes: [.v6]
)
