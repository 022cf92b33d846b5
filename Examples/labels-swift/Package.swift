// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
// A module outside the repository: it needs the kit, by path here and by URL elsewhere, and nothing else.
import PackageDescription

let package = Package(
    name: "labels",
    products: [.library(name: "labels", type: .dynamic, targets: ["LabelsModule"])],
    dependencies: [.package(name: "catena", path: "../..")],
    targets: [
        // The element, which tests can import, and the module, which has the entry function and nothing else.
        .target(name: "LabelsElement", dependencies: [.product(name: "CatenaElement", package: "catena")]),
        .target(
            name: "LabelsModule", dependencies: ["LabelsElement", .product(name: "CatenaElement", package: "catena")],
            linkerSettings: [.unsafeFlags(["-Xlinker", "--version-script=\(Context.packageDirectory)/exports.map"])]),
        // Only tests need more than the kit.
        .testTarget(
            name: "LabelsTests",
            dependencies: [
                "LabelsElement", .product(name: "CatenaElement", package: "catena"),
                .product(name: "CatenaElementTesting", package: "catena"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
