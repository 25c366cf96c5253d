// SPDX-License-Identifier: MIT
import ContinuoSession
import Glibc

/// The three questions of `continuo config init`; Enter takes what holds anyway.
struct FirstQuestions {
  let console: Console

  /// What was answered; nothing where nobody sits at a terminal.
  func ask() -> [SettingKey: String] {
    guard !console.isJSON, isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { return [:] }
    var answers: [SettingKey: String] = [:]
    answers[.provider] = ask(
      "Who composes? builtin, local (a small model on this machine), openai or anthropic [builtin]",
      .provider)
    answers[.web] = ask("Open the page beside the prompt? true or false [false]", .web)
    answers[.ardourPort] = ask("Ardour's OSC port? [found by itself]", .ardourPort)
    return answers
  }

  /// The answer, asked for until it can be; nil for Enter and at the end of input.
  private func ask(_ question: String, _ key: SettingKey) -> String? {
    while true {
      console.print(question)
      guard let answer = readLine(), !answer.isEmpty else { return nil }
      do throws(CommandError) {
        try key.check(answer)
        return answer
      } catch {
        console.complain(error.description)
      }
    }
  }
}
