// SPDX-License-Identifier: MIT
public import Foundation
internal import Synchronization

/// What each server was found not to understand, remembered from request to request.
///
/// With a file it is remembered from day to day; a file that cannot be read or written is no error,
/// since everything in it can be found out again.
public final class ModelAbilities: Sendable {
  /// A part of a request that some servers do not take.
  enum Feature: String, Codable, CaseIterable {
    case schema, object, tool, usage, temperature, seed, maximumTokens
  }

  private let missing: Mutex<[String: Set<String>]>
  private let file: URL?

  /// Reads what `file` remembers, 64 KB at most.
  public init(file: URL? = nil) {
    self.file = file
    var known: [String: Set<String>] = [:]
    if let file, let handle = try? FileHandle(forReadingFrom: file) {
      let data = (try? handle.read(upToCount: 65_536)) ?? Data()
      known = (try? JSONDecoder().decode([String: Set<String>].self, from: data)) ?? [:]
      try? handle.close()
    }
    missing = Mutex(known)
  }

  func lacks(_ feature: Feature, at place: String) -> Bool {
    missing.withLock { $0[place]?.contains(feature.rawValue) ?? false }
  }

  func remember(without feature: Feature, at place: String) {
    let all = missing.withLock { missing in
      missing[place, default: []].insert(feature.rawValue)
      return missing
    }
    guard let file else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try? FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try? encoder.encode(all).write(to: file, options: .atomic)
  }
}
