// SPDX-License-Identifier: MIT
import Foundation

extension Command {
  /// This command with its file name absolute: relative to `folder`, or `~/` the home folder.
  public func locatingFiles(in folder: String) -> Command {
    func located(_ file: String) -> String {
      guard !file.isEmpty else { return file }
      let expanded = NSString(string: file).expandingTildeInPath
      return expanded.hasPrefix("/") ? expanded : "\(folder)/\(expanded)"
    }
    switch self {
    case .export(let candidate, let file):
      return .export(candidate: candidate, file: located(file))
    case .capture(.stop(let file?)):
      return .capture(action: .stop(file: located(file)))
    case .saveState(let file?):
      return .saveState(file: located(file))
    case .loadState(let file?):
      return .loadState(file: located(file))
    case .memory(.remember(let file, let words)):
      return .memory(request: .remember(file: located(file), words: words))
    case .memory(.story(let file?)):
      return .memory(request: .story(file: located(file)))
    case .take(var request):
      request.file = request.file.map(located)
      return .take(request: request)
    case .importPattern(var request):
      if case .file(let file) = request.source { request.source = .file(located(file)) }
      return .importPattern(request: request)
    case .play(var request):
      request.file = located(request.file)
      return .play(request: request)
    default:
      return self
    }
  }
}
