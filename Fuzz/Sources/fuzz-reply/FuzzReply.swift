// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoComposer
import ContinuoMusic
import Foundation

/// What every reply is read for: each kind, three metres, with a source to fall back on.
private let requests: [CompositionRequest] = CompositionKind.allCases.flatMap { kind in
  [Meter.common, Meter(7, 8) ?? .common, Meter(3, 4) ?? .common].map { meter in
    let notes = (0..<8).compactMap {
      Note(pitch: 40 + $0, velocity: 90, start: Beats(Double($0)), duration: Beats(0.5))
    }
    let source = Pattern(name: "Bass", notes: notes, length: Beats(16), meter: meter)
    return CompositionRequest(
      kind: kind, source: source, context: MusicContext(tracks: [source], meter: meter), bars: 4)
  }
}

/// One input of libFuzzer's: the first byte says for which request and in what pieces the rest is
/// read. Whatever is let pass must be valid, and the pieces must make no difference.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzReply(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let bytes, count > 1 else { return 0 }
  let request = requests[Int(bytes[0]) % requests.count]
  let text = String(
    decoding: UnsafeBufferPointer(start: bytes + 1, count: count - 1), as: UTF8.self)
  let reply = ModelReply([text], for: request)
  precondition(!reply.patterns.isEmpty || !reply.refusals.isEmpty, "neither notes nor a reason")
  for mended in reply.patterns {
    let faults = PatternCheck.faults(
      of: mended.pattern, length: request.length, meter: request.meter, range: 0...127,
      oneVoice: false)
    precondition(faults.isEmpty, "an invalid pattern passed")
    precondition(mended.pattern.length == request.length && mended.bars <= request.bars)
  }
  let half = text.unicodeScalars.index(
    text.unicodeScalars.startIndex, offsetBy: text.unicodeScalars.count / 2)
  let parts = [String(text.unicodeScalars[..<half]), String(text.unicodeScalars[half...])]
  precondition(ModelReply(parts, for: request) == reply, "the pieces make a difference")
  return 0
}

/// The way into libFuzzer's library, which has no header.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The program's entry, under the name that the package manager gives it.
@_cdecl("fuzz_reply_main")
public func main(
  _ count: CInt, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> CInt {
  var count = count
  var words = words
  return runDriver(&count, &words) { fuzzReply($0, $1) }
}
