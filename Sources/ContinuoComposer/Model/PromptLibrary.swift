// SPDX-License-Identifier: MIT
public import Foundation

/// The prompts, one file for each kind of part, which a musician may replace.
///
/// `general.md` comes first in every prompt; the kind's own file follows. A file of the same name in
/// the musician's folder (`~/.config/continuo/prompts`) stands in place of the one built in.
public struct PromptLibrary: Sendable {
  /// A prompt longer than this is refused, in bytes.
  public static let longest = 16_384

  private let folder: URL?

  /// Looks in `folder` first; nil for the built-in prompts alone.
  public init(folder: URL? = nil) {
    self.folder = folder
  }

  /// The text for a kind: the general part, then its own.
  /// - Throws: `PromptError` for a file that is there and cannot be used.
  func text(for kind: CompositionKind) throws(PromptError) -> String {
    let general = try text(of: .general)
    return try kind == .general ? general : general + "\n" + text(of: kind)
  }

  private func text(of kind: CompositionKind) throws(PromptError) -> String {
    let name = "\(kind.rawValue).md"
    guard let file = folder?.appendingPathComponent(name),
      FileManager.default.fileExists(atPath: file.path)
    else { return Self.builtin(kind) }
    guard let handle = try? FileHandle(forReadingFrom: file),
      let data = try? handle.read(upToCount: Self.longest + 1)
    else { throw PromptError(file: file.path, reason: "it cannot be read") }
    guard data.count <= Self.longest else {
      throw PromptError(file: file.path, reason: "it is longer than \(Self.longest) bytes")
    }
    guard let text = String(bytes: data, encoding: .utf8), !text.allSatisfy(\.isWhitespace) else {
      throw PromptError(file: file.path, reason: "it is empty or not UTF-8")
    }
    return text
  }

  /// The built-in prompt of a kind, to start one's own from.
  public static func builtin(_ kind: CompositionKind) -> String {
    let bytes =
      switch kind {
      case .general: PackageResources.general_md
      case .bass: PackageResources.bass_md
      case .drums: PackageResources.drums_md
      case .melody: PackageResources.melody_md
      case .harmony: PackageResources.harmony_md
      }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// A prompt file that cannot be used.
public struct PromptError: Error, Hashable, Sendable, CustomStringConvertible {
  let file: String
  let reason: String

  /// One sentence: what is wrong, and what to do.
  public var description: String {
    "The prompt \(file) cannot be used, since \(reason): mend it, or take it away for the usual one"
  }
}
