// SPDX-License-Identifier: MIT
import CLineEditor
import ContinuoSession
import Foundation
import Glibc
import Synchronization

/// libedit, on its own thread.
///
/// It asks here for each key, and here the thread waits for a key and
/// for news at once, so that nothing is ever drawn from two threads.
final class LineEditor {
  private let owner: TerminalLines
  private let history: HistoryFile?
  private let prompt: UnsafeMutablePointer<CChar>
  private let promptColumns: Int
  /// What stands at the right end; libedit reads it whenever it draws.
  private var status = strdup("")
  private var edit: OpaquePointer?
  private var past: OpaquePointer?
  private var lastLine = ""
  private var isAsked = false
  private var isClosed = false
  /// The terminal is gone.
  private var isAtEnd = false
  /// The line being typed was given up.
  private var isDiscarded = false

  init(owner: TerminalLines, prompt: String, history: HistoryFile?) {
    self.owner = owner
    self.history = history
    self.prompt = strdup(prompt)
    promptColumns = prompt.count
  }

  deinit {
    free(prompt)
    free(status)
  }

  /// Reads lines until closed; the terminal is as it was afterwards.
  func run() {
    guard let edit = open() else { return owner.emit(.endOfInput) }
    while !isClosed {
      guard isAsked else {
        waitForNews()
        continue
      }
      read(edit)
    }
    el_end(edit)
    if let past { history_end(past) }
  }

  // MARK: - Setting up

  private func open() -> OpaquePointer? {
    setlocale(LC_CTYPE, "")
    // A terminal of today speaks UTF-8 even where nobody set a locale.
    if String(cString: nl_langinfo(nl_item(CODESET))) != "UTF-8" { setlocale(LC_CTYPE, "C.UTF-8") }
    guard let edit = continuo_edit_open("continuo") else { return nil }
    self.edit = edit
    _ = continuo_edit_set_context(edit, Unmanaged.passUnretained(self).toOpaque())
    _ = continuo_edit_set_prompt(edit) { LineEditor.from($0)?.prompt }
    _ = continuo_edit_set_right_prompt(edit) { LineEditor.from($0)?.status }
    continuo_edit_set_usual_ways(edit)
    past = history_init()
    if let past {
      _ = continuo_history_set_size(past, Int32(HistoryFile.capacity))
      _ = continuo_edit_set_history(edit, past)
      for line in history?.load() ?? [] {
        _ = continuo_history_enter(past, line)
        lastLine = line
      }
    }
    el_source(edit, nil)
    // After the musician's own key bindings, so that Tab and the reading of keys stay ours.
    _ = continuo_edit_bind_tab(edit) { edit, _ in
      LineEditor.from(edit)?.complete() ?? UInt8(CC_ERROR)
    }
    _ = continuo_edit_set_reader(edit) { edit, character in
      guard let scalar = LineEditor.from(edit)?.key() else { return -1 }
      character?.pointee = wchar_t(bitPattern: scalar.value)
      return 1
    }
    return edit
  }

  private static func from(_ edit: OpaquePointer?) -> LineEditor? {
    guard let edit, let context = continuo_edit_context(edit) else { return nil }
    return Unmanaged<LineEditor>.fromOpaque(context).takeUnretainedValue()
  }

  // MARK: - Lines

  private func read(_ edit: OpaquePointer) {
    isDiscarded = false
    var count: Int32 = 0
    let text = el_wgets(edit, &count)
    guard !isClosed, !isDiscarded else { return }
    guard !isAtEnd, let text, count > 0 else {
      Output.write([0x0a], to: STDOUT_FILENO)
      isAsked = false
      return owner.emit(.endOfInput)
    }
    isAsked = false
    let line = Self.string(text, count: Int(count)).trimmingCharacters(in: .newlines)
    remember(line)
    owner.emit(.line(line))
  }

  private func remember(_ line: String) {
    guard !line.allSatisfy(\.isWhitespace), line != lastLine, TerminalText.isClean(line) else {
      return
    }
    lastLine = line
    if let past { _ = continuo_history_enter(past, line) }
    history?.append(line)
  }

  /// The line being typed up to the cursor, and whether there is any at all.
  private var typed: (beforeCursor: String, isEmpty: Bool) {
    guard let edit, let info = el_wline(edit)?.pointee, let buffer = info.buffer else {
      return ("", true)
    }
    let count = info.cursor - buffer
    return (Self.string(buffer, count: count), info.lastchar == buffer)
  }

  private static func string(_ text: UnsafePointer<wchar_t>, count: Int) -> String {
    var scalars = String.UnicodeScalarView()
    for character in UnsafeBufferPointer(start: text, count: max(0, count)) {
      if let scalar = Unicode.Scalar(UInt32(bitPattern: character)) { scalars.append(scalar) }
    }
    return String(scalars)
  }

  // MARK: - Keys and news

  /// The next key; nil when the line is given up.
  ///
  /// Called by libedit.
  private func key() -> Unicode.Scalar? {
    var decoder = UTF8()
    while true {
      guard let byte = byte() else { return nil }
      var bytes = [byte]
      let length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
      while bytes.count < length {
        guard let next = self.byte() else { return nil }
        bytes.append(next)
      }
      var iterator = bytes.makeIterator()
      // A byte that is no UTF-8 is dropped, and the next key awaited.
      if case .scalarValue(let scalar) = decoder.decode(&iterator) { return scalar }
    }
  }

  private func byte() -> UInt8? {
    while true {
      var waits = [
        pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
        pollfd(fd: owner.wake.readEnd, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&waits, 2, -1) >= 0 else { continue }
      if waits[1].revents != 0 {
        openLetters(isTyping: true)
        if isClosed || isDiscarded { return nil }
      }
      guard waits[0].revents != 0 else { continue }
      var byte: UInt8 = 0
      let count = Glibc.read(STDIN_FILENO, &byte, 1)
      if count == 1 { return byte }
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      isAtEnd = true
      return nil
    }
  }

  private func waitForNews() {
    var wait = pollfd(fd: owner.wake.readEnd, events: Int16(POLLIN), revents: 0)
    if poll(&wait, 1, -1) > 0 { openLetters(isTyping: false) }
  }

  private func openLetters(isTyping: Bool) {
    for letter in owner.collect() {
      switch letter {
      case .next: isAsked = true
      case .close: close(isTyping: isTyping)
      case .show(let lines): show(lines, isTyping: isTyping)
      case .resize: resize(isTyping: isTyping)
      case .status(let text): tell(text, isTyping: isTyping)
      case .interrupt:
        if !isTyping || typed.isEmpty {
          owner.emit(.leaveAsked)
        } else {
          Output.write(Array("^C\n".utf8), to: STDOUT_FILENO)
          isDiscarded = true
        }
      }
    }
  }

  private func close(isTyping: Bool) {
    isClosed = true
    if isTyping { Output.write([0x0a], to: STDOUT_FILENO) }
  }

  // MARK: - Drawing

  /// Shows lines above the line being typed, which is drawn again below them.
  private func show(_ lines: [String], isTyping: Bool) {
    continuo_edit_flush()
    let text = lines.map { TerminalPaint.line(TerminalText.clean($0)) + "\n" }.joined()
    Output.write(Array((isTyping ? eraser : "").utf8) + Array(text.utf8), to: STDOUT_FILENO)
    if isTyping, let edit { _ = continuo_edit_refresh(edit) }
  }

  /// Puts `text` at the line's right end.
  private func tell(_ text: String, isTyping: Bool) {
    free(status)
    status = strdup(TerminalText.shortened(text, to: max(0, Self.columns / 2)))
    if isTyping { redraw() }
  }

  /// Takes the window's new width.
  ///
  /// libedit keeps the cursor's old column, and would write there past a shorter line's end with the
  /// next key: the line is drawn anew before that, from its first column.
  private func resize(isTyping: Bool) {
    if let edit { el_resize(edit) }
    if isTyping { redraw() }
  }

  private func redraw() {
    guard let edit else { return }
    continuo_edit_flush()
    Output.write(Array(eraser.utf8), to: STDOUT_FILENO)
    _ = continuo_edit_refresh(edit)
  }

  /// Moves to where the prompt begins and clears from there on.
  private var eraser: String {
    let columns =
      promptColumns
      + typed.beforeCursor.unicodeScalars.reduce(0) { sum, scalar in
        sum + max(0, Int(wcwidth(wchar_t(bitPattern: scalar.value))))
      }
    let rows = columns / max(1, Self.columns)
    return (rows > 0 ? "\u{1b}[\(rows)A" : "") + "\r\u{1b}[J"
  }

  private static var columns: Int { TerminalPaint.columns ?? 80 }

  /// Tab.
  ///
  /// Called by libedit.
  private func complete() -> UInt8 {
    guard let edit else { return UInt8(CC_ERROR) }
    let line = typed.beforeCursor
    let offer = Completion.offer(for: line, knowing: owner.names.withLock { $0 })
    guard !offer.choices.isEmpty else { return UInt8(CC_REFRESH_BEEP) }
    if let insertion = offer.insertion(beyond: String(line.suffix(offer.replaced))) {
      let scalars = line.suffix(offer.replaced).unicodeScalars.count
      el_deletestr(edit, Int32(clamping: scalars))
      el_insertstr(edit, insertion)
      return UInt8(CC_REFRESH)
    }
    show([offer.choices.prefix(60).joined(separator: "  ")], isTyping: true)
    return UInt8(CC_REFRESH)
  }
}
