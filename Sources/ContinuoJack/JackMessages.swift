// SPDX-License-Identifier: MIT
internal import CJack
internal import Synchronization

/// What libjack would print to the terminal, kept for `doctor` instead.
public enum JackMessages {
  private static let kept = Mutex<[String]>([])

  /// The last 50 messages, oldest first.
  public static var recent: [String] { kept.withLock { $0 } }

  static func keepQuiet() {
    unsafe jack_set_error_function { unsafe JackMessages.keep($0) }
    unsafe jack_set_info_function { unsafe JackMessages.keep($0) }
  }

  private static func keep(_ text: UnsafePointer<CChar>?) {
    guard let text = unsafe text else { return }
    let message = unsafe String(cString: text)
    kept.withLock { messages in
      messages.append(message)
      if messages.count > 50 { messages.removeFirst() }
    }
  }
}
