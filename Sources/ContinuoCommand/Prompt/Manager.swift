// SPDX-License-Identifier: MIT
import ContinuoNSM
import ContinuoSession
import Foundation

/// The session manager that started this program, as `NSM_URL` says.
struct Manager: Sendable {
  /// The settings with the project's folder and the name that the manager gives.
  let settings: Settings
  private let client: NSMClient

  /// How often it is looked whether something is unsaved.
  private static let interval = Duration.milliseconds(500)

  /// Joins the manager; nil when there is none.
  static func join(
    _ settings: Settings, environment: [String: String] = ProcessInfo.processInfo.environment
  ) async throws(CommandFailure) -> Manager? {
    guard let url = environment["NSM_URL"], !url.isEmpty else { return nil }
    let program = URL(fileURLWithPath: CommandLine.arguments.first ?? "continuo").lastPathComponent
    do {
      let (client, project) = try await NSMClient.join(url, name: "Continuo", executable: program)
      var managed = settings
      managed.isManaged = true
      managed.projectFolder = project.folder
      do {
        // The name is the manager's: unlike any other client's, and held to our own rules.
        managed.name = try Settings(flags: .init(name: project.clientID), environment: [:]).name
      } catch {
        await client.refuse("\(error)")
        await client.close()
        throw CommandFailure(error)
      }
      return Manager(settings: managed, client: client)
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw CommandFailure(.failed, "\(error)")
    }
  }

  /// Tells that the project is not open.
  func refuse(_ reason: String) async { await client.refuse(reason) }

  /// Saves `session` when told to, and tells how it stands, until the task is cancelled.
  func serve(_ session: any OpenSession) async -> Task<Void, Never> {
    await client.open {
      let reply = await session.handle(.saveState(file: nil)) { _ in }
      return reply.error
    }
    let client = client
    return Task {
      while !Task.isCancelled {
        if let news = await session.projectNews() {
          await client.tell(isDirty: news.isDirty, label: news.label)
        }
        try? await Task.sleep(for: Self.interval)
      }
    }
  }

  /// Ends the connection.
  func leave() async { await client.close() }
}
