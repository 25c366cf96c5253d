// SPDX-License-Identifier: MIT

import Glibc

/// Two lowercase hexadecimal digits.
func hex(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return byte < 16 ? "0" + digits : digits
}

/// The system's own words for an `errno` value.
func systemMessage(_ code: Int32) -> String {
  guard let text = strerror(code) else { return "error \(code)" }
  return String(cString: text)
}

/// `text` without control characters (a stranger's name must not steer a terminal), cut to `limit`
/// characters.
func printable(_ text: String, limit: Int) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse:
      result.append(" ")
    default:
      result.append(scalar)
    }
    if result.count > limit * 8 { break }
  }
  let clean = String(result)
  return clean.count > limit ? String(clean.prefix(max(0, limit - 1))) + "…" : clean
}

/// `number` with up to two decimals and no trailing zeros, clamped to what a drawing can hold.
func decimal(_ number: Double) -> String {
  let hundredths = clampedInt((number * 100).rounded(), limit: 1 << 40)
  let magnitude = abs(hundredths)
  let sign = hundredths < 0 ? "-" : ""
  let fraction = magnitude % 100
  if fraction == 0 { return "\(sign)\(magnitude / 100)" }
  if fraction % 10 == 0 { return "\(sign)\(magnitude / 100).\(fraction / 10)" }
  return "\(sign)\(magnitude / 100).\(fraction < 10 ? "0" : "")\(fraction)"
}

/// `number` as an integer, rounded towards zero, within ±`limit`; zero when it is not a number.
func clampedInt(_ number: Double, limit: Int = 1 << 52) -> Int {
  guard !number.isNaN else { return 0 }
  return Int(min(max(number, Double(-limit)), Double(limit)))
}
