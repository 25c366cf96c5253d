// SPDX-License-Identifier: MIT
import NIOHTTP1

/// The page's files, all inside the program: a path is looked up here and nowhere on disk.
enum PageFiles {
  /// The answer to a path; nil when there is no such file.
  static func response(to path: String) -> WebResponse? {
    switch path {
    case "/", "/index.html": file("text/html; charset=utf-8", PackageResources.index_html)
    case "/page.css": file("text/css; charset=utf-8", PackageResources.page_css)
    case "/page.js": file("text/javascript; charset=utf-8", PackageResources.page_js)
    case "/roll.js": file("text/javascript; charset=utf-8", PackageResources.roll_js)
    default: nil
    }
  }

  /// What the API can do, in the form of OpenAPI 3.1.
  static var description: WebResponse { file("application/json", PackageResources.openapi_json) }

  private static func file(_ type: String, _ bytes: [UInt8]) -> WebResponse {
    WebResponse(status: .ok, type: type, body: bytes)
  }
}
