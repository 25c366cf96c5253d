// swift-tools-version: 6.2
import PackageDescription

// A package of its own: Scripts/fuzz builds it, and everything it depends on, for libFuzzer.
let package = Package(
  name: "fuzz",
  dependencies: [.package(name: "continuo", path: "..")],
  targets: [
    .executableTarget(
      name: "fuzz-reply", dependencies: [.product(name: "ContinuoComposer", package: "continuo")],
      swiftSettings: [.swiftLanguageMode(.v6), .unsafeFlags(["-parse-as-library"])],
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])])
  ]
)
