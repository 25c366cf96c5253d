// SPDX-License-Identifier: MIT
import Foundation
import FoundationXML

/// The few parts of a session file that Continuo reads, as plain attributes.
struct SessionXML {
  var session: [String: String] = [:]
  var options: [String: String] = [:]
  var routes: [[String: String]] = []
  /// File names by source number; MIDI sources alone.
  var sources: [String: String] = [:]
  /// Regions by their playlist's number.
  var regions: [String: [[String: String]]] = [:]
  var tempos: [[String: String]] = []
  var meters: [[String: String]] = []

  /// Elements nested deeper are refused; Ardour's own reach 12.
  static let maximumDepth = 64
  /// More elements are refused.
  static let maximumElements = 8_000_000

  static func read(_ data: Data, path: String) throws(ArdourError) -> SessionXML {
    // Ardour declares no document type; entities are how XML is made to explode or to read files.
    guard data.range(of: Data("<!DOCTYPE".utf8)) == nil
    else { throw .unreadable(path: path, reason: "it declares an XML document type") }
    // Foundation's parser ends the program over a name that is no UTF-8.
    guard String(validating: data, as: UTF8.self) != nil else {
      throw .unreadable(path: path, reason: "it is not in UTF-8")
    }
    let reader = SessionXMLReader()
    let parser = XMLParser(data: data)
    parser.shouldResolveExternalEntities = false
    parser.delegate = reader
    // Foundation's parser takes a file that breaks off for a whole one.
    guard parser.parse(), reader.isComplete else {
      let line = parser.lineNumber
      throw .unreadable(
        path: path, reason: reader.refusal ?? "it is no well-formed XML, see line \(line)")
    }
    guard !reader.document.session.isEmpty else {
      throw .unreadable(path: path, reason: "it is no Ardour session")
    }
    return reader.document
  }
}

private final class SessionXMLReader: NSObject, XMLParserDelegate {
  var document = SessionXML()
  var refusal: String?
  /// Whether every element was closed.
  var isComplete: Bool { path.isEmpty }
  private var path: [String] = []
  private var playlist: String?
  private var elements = 0

  func parser(
    _ parser: XMLParser, didStartElement element: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    path.append(element)
    elements += 1
    guard path.count <= SessionXML.maximumDepth, elements <= SessionXML.maximumElements else {
      refusal = "it is nested too deep or has too many elements"
      return parser.abortParsing()
    }
    guard path.first == "Session" else { return }
    switch path.count {
    case 1: document.session = attributes
    case 3: read(path[1], element, attributes)
    case 4 where path[1] == "Playlists" && element == "Region":
      if let playlist { document.regions[playlist, default: []].append(attributes) }
    case 4 where path[1] == "TempoMap" && element == "Tempo": document.tempos.append(attributes)
    case 4 where path[1] == "TempoMap" && element == "Meter": document.meters.append(attributes)
    default: break
    }
  }

  private func read(_ parent: String, _ element: String, _ attributes: [String: String]) {
    switch (parent, element) {
    case ("Config", "Option"):
      if let name = attributes["name"] { document.options[name] = attributes["value"] }
    case ("Routes", "Route"): document.routes.append(attributes)
    case ("Sources", "Source") where attributes["type"] == "midi":
      if let id = attributes["id"] { document.sources[id] = attributes["name"] }
    case ("Playlists", "Playlist"): playlist = attributes["id"]
    default: break
    }
  }

  func parser(
    _ parser: XMLParser, didEndElement element: String, namespaceURI: String?,
    qualifiedName: String?
  ) {
    _ = path.popLast()
  }
}
