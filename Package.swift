// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target: Swift 6 mode, warnings are errors, imports stay private unless said.
let common: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]
/// The real-time modules also name every unsafe expression.
let realtime = common + [.strictMemorySafety()]
/// C of our own: effects of the real-time attribute are checked, and nothing may warn.
let realtimeC: [CSetting] = [
  .enableWarning("all"), .enableWarning("extra"), .enableWarning("conversion"),
  .enableWarning("function-effects"), .treatAllWarnings(as: .error),
]
/// C of the tests: nothing may warn.
let plainC: [CSetting] = [
  .enableWarning("all"), .enableWarning("extra"), .enableWarning("conversion"),
  .treatAllWarnings(as: .error),
]

/// Tests: Swift 6 mode, warnings are errors.
let tests: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]

let package = Package(
  name: "continuo",
  products: [
    .executable(name: "continuo", targets: ["continuo"]),
    // For Benchmarks/ and Fuzz/, packages of their own.
    .library(
      name: "ContinuoRealtime", targets: ["ContinuoRealtime", "ContinuoRings", "CRealtime"]),
    .library(
      name: "ContinuoComposer",
      targets: ["ContinuoComposer", "ContinuoAnalysis", "ContinuoMusic", "ContinuoLLM"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
  ],
  targets: [
    .systemLibrary(
      name: "CJack", path: "CSupport/CJack", pkgConfig: "jack",
      providers: [.apt(["libjack-jackd2-dev"])]),
    .systemLibrary(
      name: "CLiblo", path: "CSupport/CLiblo", pkgConfig: "liblo",
      providers: [.apt(["liblo-dev"])]),
    .systemLibrary(
      name: "CLineEditor", path: "CSupport/CLineEditor", pkgConfig: "libedit",
      providers: [.apt(["libedit-dev"])]),
    .systemLibrary(
      name: "CCurl", path: "CSupport/CCurl", pkgConfig: "libcurl",
      providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(name: "CRealtime", path: "CSupport/CRealtime", cSettings: realtimeC),

    .target(name: "ContinuoMusic", swiftSettings: common),
    .target(name: "ContinuoRings", dependencies: ["CRealtime"], swiftSettings: realtime),
    .target(
      name: "ContinuoRealtime", dependencies: ["ContinuoRings", "CRealtime"],
      swiftSettings: realtime),
    .target(
      name: "ContinuoJack",
      dependencies: ["ContinuoRealtime", "ContinuoMusic", "CRealtime", "CJack"],
      swiftSettings: realtime),
    .target(name: "ContinuoOSC", dependencies: ["CLiblo"], swiftSettings: common),
    .target(name: "ContinuoNSM", dependencies: ["ContinuoOSC"], swiftSettings: common),
    .target(
      name: "ContinuoArdour", dependencies: ["ContinuoOSC", "ContinuoMusic"],
      resources: [.embedInCode("EditorAction.lua")], swiftSettings: common),
    .target(name: "ContinuoAnalysis", dependencies: ["ContinuoMusic"], swiftSettings: common),
    .target(name: "ContinuoLLM", dependencies: ["CCurl"], swiftSettings: common),
    .target(
      name: "ContinuoComposer",
      dependencies: ["ContinuoAnalysis", "ContinuoLLM", "ContinuoMusic"],
      resources: [
        .embedInCode("Prompts/general.md"), .embedInCode("Prompts/bass.md"),
        .embedInCode("Prompts/drums.md"), .embedInCode("Prompts/melody.md"),
        .embedInCode("Prompts/harmony.md"),
      ], swiftSettings: common),
    .target(
      name: "ContinuoMemory",
      dependencies: ["ContinuoMusic", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: common),
    .target(
      name: "ContinuoSession",
      dependencies: [
        "ContinuoJack", "ContinuoRealtime", "ContinuoArdour", "ContinuoOSC", "ContinuoAnalysis",
        "ContinuoComposer", "ContinuoLLM", "ContinuoMemory", "ContinuoMusic",
        .product(name: "TOMLKit", package: "TOMLKit"),
      ],
      swiftSettings: common),
    .target(
      name: "ContinuoWeb",
      dependencies: [
        "ContinuoSession",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOWebSocket", package: "swift-nio"),
      ],
      resources: [
        .embedInCode("Page/index.html"), .embedInCode("Page/page.css"),
        .embedInCode("Page/page.js"), .embedInCode("Page/roll.js"),
        .embedInCode("Page/openapi.json"),
      ], swiftSettings: common),
    .target(
      name: "ContinuoSurface", dependencies: ["ContinuoSession", "ContinuoOSC"],
      swiftSettings: common),
    .target(
      name: "ContinuoCommand",
      dependencies: [
        "ContinuoSession", "ContinuoWeb", "ContinuoSurface", "ContinuoNSM", "ContinuoMemory",
        "ContinuoMusic", "CLineEditor",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: common),

    .executableTarget(
      name: "continuo", dependencies: ["ContinuoCommand", "ContinuoSession"],
      swiftSettings: common),

    .executableTarget(
      name: "witness", path: "Tests/Witness", cSettings: plainC,
      linkerSettings: [.linkedLibrary("jack"), .linkedLibrary("m")]),
    // The whole program around a session without JACK: what ContinuoCommandTests runs.
    .executableTarget(
      name: "continuo-stub", dependencies: ["ContinuoCommand", "ContinuoSession"],
      path: "Tests/ContinuoStub", swiftSettings: common),
    .target(
      name: "ContinuoTestSupport", dependencies: ["ContinuoOSC"],
      path: "Tests/ContinuoTestSupport", swiftSettings: common),
    .target(name: "RealtimeCanary", path: "Tests/RealtimeCanary", cSettings: plainC),

    .testTarget(
      name: "ContinuoRealtimeTests",
      dependencies: ["ContinuoRealtime", "ContinuoRings", "CRealtime"], swiftSettings: tests),
    .testTarget(
      name: "ContinuoMusicTests", dependencies: ["ContinuoMusic"], swiftSettings: common),
    .testTarget(
      name: "ContinuoAnalysisTests",
      dependencies: ["ContinuoAnalysis", "ContinuoMusic", "ContinuoTestSupport"],
      swiftSettings: common),
    // Writes into a memory until it is killed: for the test that kills it.
    .executableTarget(
      name: "memory-writer", dependencies: ["ContinuoMemory", "ContinuoMusic"],
      path: "Tests/MemoryWriter", swiftSettings: common),
    .testTarget(
      name: "ContinuoMemoryTests",
      dependencies: [
        "ContinuoMemory", "ContinuoMusic", "ContinuoTestSupport", "memory-writer",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      resources: [.copy("Forms")],
      swiftSettings: common),
    .testTarget(
      name: "ContinuoLLMTests", dependencies: ["ContinuoLLM", "ContinuoTestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "ContinuoComposerTests",
      dependencies: [
        "ContinuoComposer", "ContinuoAnalysis", "ContinuoLLM", "ContinuoMusic",
        "ContinuoTestSupport",
      ],
      swiftSettings: common),
    .testTarget(
      name: "ContinuoSessionTests",
      dependencies: [
        "ContinuoSession", "ContinuoAnalysis", "ContinuoArdour", "ContinuoMemory", "ContinuoMusic",
        "ContinuoOSC", "ContinuoRealtime", "ContinuoTestSupport",
      ],
      swiftSettings: common),
    .testTarget(
      name: "ContinuoCommandTests",
      dependencies: [
        "ContinuoCommand", "ContinuoOSC", "ContinuoSession", "ContinuoTestSupport", "continuo-stub",
        "continuo",
      ],
      swiftSettings: common),
    .testTarget(
      name: "ContinuoWebTests",
      dependencies: [
        "ContinuoWeb", "ContinuoSession", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
        .product(name: "NIOWebSocket", package: "swift-nio"),
      ], swiftSettings: common),
    .testTarget(
      name: "ContinuoSurfaceTests",
      dependencies: ["ContinuoSurface", "ContinuoSession", "ContinuoOSC", "ContinuoTestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "ContinuoTestSupportTests", dependencies: ["ContinuoTestSupport", "RealtimeCanary"],
      swiftSettings: common),
    .testTarget(
      name: "ContinuoOSCTests", dependencies: ["ContinuoOSC", "ContinuoTestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "ContinuoNSMTests",
      dependencies: ["ContinuoNSM", "ContinuoOSC", "ContinuoTestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "ContinuoArdourTests",
      dependencies: ["ContinuoArdour", "ContinuoOSC", "ContinuoMusic", "ContinuoTestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "IntegrationTests",
      dependencies: [
        "ContinuoArdour", "ContinuoComposer", "ContinuoJack", "ContinuoMusic", "ContinuoOSC",
        "ContinuoRealtime", "ContinuoSession", "ContinuoTestSupport", "continuo", "witness",
      ],
      swiftSettings: common),

  ]
)
