// SPDX-License-Identifier: MIT

/// The program's version.
public enum ProgramVersion {
  /// As `--version` and the head of a log tell it.
  public static let current = "0.1.0"
}
