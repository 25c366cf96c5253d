// SPDX-License-Identifier: MIT
import ContinuoSession
import Foundation
import Testing

struct SettingsTests {
  @Test func `flags win over the environment, which wins over the defaults`() throws {
    let environment = [
      "CONTINUO_SERVER": "studio", "CONTINUO_NAME": "env", "CONTINUO_ARDOUR_PORT": "3820",
      "XDG_RUNTIME_DIR": "/run/user/1", "XDG_STATE_HOME": "/state", "HOME": "/home/a",
    ]
    let flags = Settings.Flags(name: "flag", ardourPort: 3821)
    let settings = try Settings(flags: flags, environment: environment)
    #expect(settings.server == "studio")
    #expect(settings.name == "flag")
    #expect(settings.ardourPort == 3821)
    #expect(settings.runtimeFolder.path == "/run/user/1/continuo")
    #expect(settings.stateFolder?.path == "/state/continuo")
    let plain = try Settings(flags: .init(), environment: ["CONTINUO_NAME": "", "HOME": "/home/a"])
    #expect(plain.name == "continuo")
    #expect(plain.server == nil)
    #expect(plain.ardourPort == nil)
    #expect(plain.runtimeFolder.path.hasPrefix("/tmp/continuo-"))
    #expect(plain.stateFolder?.path == "/home/a/.local/state/continuo")
    let relative = try Settings(flags: .init(), environment: ["XDG_RUNTIME_DIR": "run"])
    #expect(relative.runtimeFolder.path.hasPrefix("/tmp/continuo-"))
    #expect(relative.stateFolder == nil)
  }

  @Test(arguments: [
    "", "../x", "a/b", "-x", ".x", "a:b", "é", "a\u{0}", String(repeating: "a", count: 57),
  ])
  func `a name that cannot be a file's or a client's is refused`(name: String) {
    #expect(throws: CommandError.self) {
      try Settings(flags: .init(name: name), environment: [:])
    }
  }

  @Test(arguments: ["0", "65536", "-1", "x", "3819 "])
  func `a port that is none names the variable`(port: String) {
    #expect(
      throws: CommandError.badSetting(
        name: "CONTINUO_ARDOUR_PORT", value: port, reason: "a port lies in 1…65535")
    ) {
      try Settings(flags: .init(), environment: ["CONTINUO_ARDOUR_PORT": port])
    }
  }

  @Test func `jobs are held to their ranges`() throws {
    #expect(throws: Never.self) {
      try Job.capture(CaptureJob(inputs: 2, seconds: 0.5, output: "a.jsonl")).validated()
    }
    for seconds in [0, -1, .nan, .infinity, 86_401] {
      #expect(throws: CommandError.self) {
        try Job.capture(CaptureJob(inputs: 1, seconds: seconds, output: "a.mid")).validated()
      }
    }
    #expect(throws: CommandError.self) {
      try Job.capture(CaptureJob(inputs: 65, seconds: 1, output: "a.mid")).validated()
    }
    #expect(throws: CommandError.self) { try Job.analyze(file: "a.wav").validated() }
    let compose = ComposeJob(
      context: "a.mid", kind: .bass, bars: 4, model: ModelChoice(baseURL: "file:///etc"),
      output: "o")
    #expect(throws: CommandError.self) { try Job.compose(compose).validated() }
  }
}
