// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Synchronization

/// The control socket of a running instance: one-shot commands come in, replies go out.
///
/// One thread of its own waits for clients, so that no thread of the concurrency pool ever
/// blocks here; commands run as tasks. Only this user's processes are answered.
public final class InstanceServer: Sendable {
  /// The instance's name.
  public let name: String
  private let folder: RuntimeFolder
  private let owner: uid_t
  private let mailbox: ServerMailbox
  private let claim: Mutex<Claim?>

  /// What makes an instance the only one of its name: a locked file, and the socket.
  private struct Claim: ~Copyable {
    let lock: Descriptor
    let listener: Descriptor
  }

  /// Claims a name: from here on no other instance can have it, and clients may queue.
  ///
  /// The socket of an instance that died is replaced; the kernel let go of its lock.
  /// - Throws: `InstanceError.alreadyRunning` with its pid when one of that name lives, or what
  ///   is wrong with the folder.
  public convenience init(name: String, folder: RuntimeFolder) throws(InstanceError) {
    try self.init(name: name, folder: folder, owner: geteuid())
  }

  /// As the public one; `owner` is the only user to answer.
  init(name: String, folder: RuntimeFolder, owner: uid_t) throws(InstanceError) {
    self.name = name
    self.folder = folder
    self.owner = owner
    try folder.prepare()
    let lock = try Self.lock(name, folder)
    let listener = try Self.listen(folder.socketPath(of: name))
    mailbox = try ServerMailbox()
    claim = Mutex(Claim(lock: lock, listener: listener))
  }

  /// Begins to answer clients through `handler`.
  ///
  /// Once only; later calls do nothing.
  public func start(_ handler: any CommandHandler) {
    guard let claim = claim.withLock({ $0.take() }) else { return }
    let (name, owner, mailbox) = (name, owner, mailbox)
    let socketPath = folder.socketPath(of: name)
    let held = Mutex<Claim?>(claim)
    mailbox.begin()
    let thread = Thread {
      // The claim is this thread's until its last line: a successor finds no half-closed one.
      guard let claim = held.withLock({ $0.take() }) else { return }
      var loop = ServerLoop(
        name: name, owner: owner, handler: handler, mailbox: mailbox, listener: claim.listener.raw)
      loop.run()
      unlink(socketPath)
      _ = consume claim
      mailbox.finish()
    }
    thread.name = "continuo-control"
    thread.start()
  }

  /// Cancels what clients asked for, gives them two seconds to be told, and lets go of the name.
  ///
  /// May be called more than once; each call returns when everything is closed.
  public func stop() async {
    if let claim = claim.withLock({ $0.take() }) {
      // Never started: there is only the claim to give back.
      unlink(folder.socketPath(of: name))
      _ = consume claim
      return
    }
    await mailbox.stop()
  }

  private static func lock(
    _ name: String, _ folder: RuntimeFolder
  ) throws(InstanceError) -> Descriptor {
    let path = folder.lockPath(of: name)
    let raw = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard raw >= 0 else { throw .system(call: "open", path: path, code: errno) }
    let lock = Descriptor(raw)
    guard flock(lock.raw, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK else {
        throw .system(call: "flock", path: path, code: errno)
      }
      var bytes = [UInt8](repeating: 0, count: 16)
      let count = max(0, pread(lock.raw, &bytes, bytes.count, 0))
      let pid = Int32(String(decoding: bytes[..<count], as: UTF8.self).prefix { $0.isNumber })
      throw .alreadyRunning(name: name, pid: pid)
    }
    let pid = Array("\(getpid())\n".utf8)
    guard ftruncate(lock.raw, 0) == 0, pwrite(lock.raw, pid, pid.count, 0) == pid.count else {
      throw .system(call: "write", path: path, code: errno)
    }
    return lock
  }

  private static func listen(_ path: String) throws(InstanceError) -> Descriptor {
    let listener = try UnixSocket.make(path: path)
    guard unlink(path) == 0 || errno == ENOENT else {
      throw .system(call: "unlink", path: path, code: errno)
    }
    let bound = try UnixSocket.withAddress(path) { bind(listener.raw, $0, $1) }
    guard bound == 0 else { throw .system(call: "bind", path: path, code: errno) }
    guard chmod(path, 0o600) == 0 else { throw .system(call: "chmod", path: path, code: errno) }
    guard Glibc.listen(listener.raw, 16) == 0 else {
      throw .system(call: "listen", path: path, code: errno)
    }
    return listener
  }
}

/// What tasks leave for the server's thread, and how `stop` waits for it.
final class ServerMailbox: Sendable {
  /// A thing for the thread to do.
  enum Letter: Sendable {
    case message(connection: Int, InstanceMessage)
    case stop
  }

  private struct State {
    var letters: [Letter] = []
    var isRunning = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())
  private let pipe: WakePipe

  init() throws(InstanceError) { pipe = try WakePipe() }

  /// Readable when there are letters.
  var readEnd: Int32 { pipe.readEnd }

  func post(_ letter: Letter) {
    state.withLock { $0.letters.append(letter) }
    pipe.wake()
  }

  func collect() -> [Letter] {
    pipe.drain()
    return state.withLock { state in
      defer { state.letters = [] }
      return state.letters
    }
  }

  func begin() { state.withLock { $0.isRunning = true } }

  func finish() {
    let waiting = state.withLock { state in
      state.isRunning = false
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  func stop() async {
    await withCheckedContinuation { continuation in
      let isRunning = state.withLock {
        if $0.isRunning { $0.waiting.append(continuation) }
        return $0.isRunning
      }
      if isRunning { post(.stop) } else { continuation.resume() }
    }
  }
}
