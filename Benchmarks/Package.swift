// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "continuo-benchmarks",
  dependencies: [.package(name: "continuo", path: "..")],
  targets: [
    .target(name: "CRivals", linkerSettings: [.linkedLibrary("jack")]),
    .executableTarget(
      name: "continuo-bench",
      dependencies: ["CRivals", .product(name: "ContinuoRealtime", package: "continuo")],
      swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]),
    .executableTarget(
      name: "continuo-bench-composer",
      dependencies: [.product(name: "ContinuoComposer", package: "continuo")],
      swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]),
    .executableTarget(
      name: "continuo-bench-live",
      dependencies: [.product(name: "ContinuoComposer", package: "continuo")],
      swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]),
  ]
)
