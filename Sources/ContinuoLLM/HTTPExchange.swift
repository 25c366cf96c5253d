// SPDX-License-Identifier: MIT
internal import CCurl
internal import Foundation

/// One request and its response, over libcurl, on the thread that calls it.
///
/// TLS is verified, redirections are not followed (they would carry the key elsewhere), and only
/// HTTP is spoken.
final class HTTPExchange {
  /// What is sent, and how.
  struct Plan {
    var url: String
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    var proxy: String?
    var certificates: String?
    var connectSeconds: Double
  }

  /// How it ended.
  enum End {
    /// The response is whole, or whoever read it had enough.
    case done
    /// libcurl gave up; the code and its words.
    case failed(CURLcode, String)
    /// Time ran out or it was cancelled.
    case stopped
  }

  private static let ready: Bool = continuo_curl_start() == CURLE_OK

  private let easy: UnsafeMutableRawPointer
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private let words = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
  private var receive: ((UnsafeRawBufferPointer) -> Bool)?
  private var hadEnough = false

  /// Nil when there is no memory.
  init?(_ plan: Plan) {
    guard Self.ready, let easy = curl_easy_init() else { return nil }
    self.easy = easy
    words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    continuo_curl_set_error_buffer(easy, words)
    continuo_curl_set_text(easy, CURLOPT_URL, plan.url)
    continuo_curl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    continuo_curl_set_text(easy, CURLOPT_USERAGENT, "continuo")
    continuo_curl_set_long(easy, CURLOPT_NOSIGNAL, 1)
    continuo_curl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
    continuo_curl_set_long(easy, CURLOPT_SSL_VERIFYPEER, 1)
    continuo_curl_set_long(easy, CURLOPT_SSL_VERIFYHOST, 2)
    continuo_curl_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
    continuo_curl_set_long(
      easy, CURLOPT_CONNECTTIMEOUT_MS, Int(max(plan.connectSeconds, 0.001) * 1000))
    if let proxy = plan.proxy { continuo_curl_set_text(easy, CURLOPT_PROXY, proxy) }
    if let file = plan.certificates { continuo_curl_set_text(easy, CURLOPT_CAINFO, file) }
    continuo_curl_set_long(easy, CURLOPT_POST, 1)
    // libcurl copies the body before the call returns.
    _ = plan.body.withUnsafeBytes {
      continuo_curl_set_body(easy, $0.baseAddress ?? UnsafeRawPointer(words), $0.count)
    }
    // "Expect:" without a value keeps libcurl from waiting for leave to send a long body.
    for header in plan.headers + [("Expect", "")] {
      let line = header.value.isEmpty ? "\(header.name):" : "\(header.name): \(header.value)"
      headerList = curl_slist_append(headerList, line) ?? headerList
    }
    continuo_curl_set_list(easy, CURLOPT_HTTPHEADER, headerList)
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(headerList)
    words.deallocate()
  }

  /// The response's status; 0 before it has come.
  var status: Int { Int(continuo_curl_status(easy)) }
  /// The body's type as declared, without its parameters, in lower case.
  var contentType: String {
    guard let type = continuo_curl_content_type(easy) else { return "" }
    let whole = String(cString: type).lowercased()
    return whole.split(separator: ";").first?.trimmingCharacters(in: .whitespaces) ?? ""
  }
  /// Where a redirection leads.
  var redirection: String? { continuo_curl_redirect(easy).map { String(cString: $0) } }
  /// Seconds of `Retry-After`; nil without one.
  var retryAfter: Double? {
    let seconds = continuo_curl_retry_after(easy)
    return seconds > 0 ? Double(seconds) : nil
  }

  /// Runs to the end.
  ///
  /// `patience` is asked before every wait: milliseconds to wait at most, or nil to stop. `receive`
  /// takes the body as it comes, and says whether it wants more.
  func run(
    on multi: UnsafeMutableRawPointer, patience: () -> Int32?,
    receive: @escaping (UnsafeRawBufferPointer) -> Bool
  ) -> End {
    self.receive = receive
    defer { self.receive = nil }
    let sink: continuo_curl_sink = { bytes, size, count, context in
      guard let context, let bytes else { return 0 }
      // SAFETY: the exchange outlives the transfer, which it runs on this very thread.
      let exchange = Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
      let length = size * count
      return exchange.take(UnsafeRawBufferPointer(start: bytes, count: length)) ? length : 0
    }
    continuo_curl_set_sink(easy, sink, Unmanaged.passUnretained(self).toOpaque())
    guard curl_multi_add_handle(multi, easy) == CURLM_OK else {
      return .failed(CURLE_OUT_OF_MEMORY, "no memory")
    }
    defer { curl_multi_remove_handle(multi, easy) }
    while true {
      var running: Int32 = 0
      let code = curl_multi_perform(multi, &running)
      guard code == CURLM_OK else {
        return .failed(CURLE_RECV_ERROR, String(cString: curl_multi_strerror(code)))
      }
      var result = CURLE_OK
      if continuo_curl_ended(multi, &result) != 0 {
        return result == CURLE_OK || hadEnough ? .done : .failed(result, explanation(result))
      }
      guard let wait = patience() else { return .stopped }
      curl_multi_poll(multi, nil, 0, wait, nil)
    }
  }

  private func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let receive, receive(bytes) else {
      hadEnough = true
      return false
    }
    return true
  }

  private func explanation(_ code: CURLcode) -> String {
    let own = String(cString: words)
    return own.isEmpty ? String(cString: curl_easy_strerror(code)) : own
  }
}
