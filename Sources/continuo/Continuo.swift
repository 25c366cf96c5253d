// SPDX-License-Identifier: MIT
import ContinuoCommand
import ContinuoSession

@main
struct Continuo {
  static func main() async {
    await Program.main(LiveSessions())
  }
}
