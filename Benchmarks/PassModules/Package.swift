// swift-tools-version: 6.3
import PackageDescription

// A module as somebody outside this repository would build it: against the kit, by path.
let package = Package(
    name: "pass-modules",
    products: [.library(name: "swiftpass", type: .dynamic, targets: ["PassModule"])],
    dependencies: [.package(name: "catena", path: "../..")],
    targets: [.target(name: "PassModule", dependencies: [.product(name: "CatenaElement", package: "catena")])],
    swiftLanguageModes: [.v6]
)
