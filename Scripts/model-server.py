#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the small local language model: serve.py start|stop|status STATE-FILE.

`Scripts/model` installs it as serve.py beside its virtual environment and the model's file. The
server listens on loopback only, on a free port. The last line printed is a JSON object with
`message`; the exit status is 0 when what was asked for holds.
"""
import json
import os
import signal
import sys
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
MODEL = "SmolLM2-135M-Instruct.Q4_1"
START_SECONDS = 60


def tell(status, message, **facts):
    print(json.dumps({"message": message, **facts}), flush=True)
    sys.exit(status)


def known(state):
    """The server that runs, or None; a number that belongs to another program by now is none."""
    try:
        with open(state, encoding="utf-8") as file:
            facts = json.load(file)
        with open(f"/proc/{facts['pid']}/cmdline", "rb") as file:
            words = file.read().split(b"\0")
        own = os.path.join(HERE, "serve.py").encode()
        return facts if own in words and os.stat(f"/proc/{facts['pid']}").st_uid == os.getuid() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def answers(url):
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url + "/health", timeout=2) as reply:
            return reply.status == 200
    except OSError:
        return False


def serve(ready):
    """The server itself: tells its port through the pipe `ready`, then serves until it is ended."""
    os.setsid()
    # Whoever started this waits until every descriptor it handed down is closed.
    os.closerange(3, ready)
    os.closerange(ready + 1, 4096)
    null = os.open(os.devnull, os.O_RDWR)
    log = os.open(os.path.join(HERE, "server.log"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(null, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    # Blocked before the server makes its threads, so that the one that waits for it gets it.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = os.path.join(HERE, MODEL + ".gguf")
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = 8192
    params.n_parallel = 1
    params.n_gpu_layers = 0
    params.warmup = True
    # A core is left to the audio. Threads that wait by spinning starve each other as soon as another
    # program wants the cores: a reply of 6 s was seen to take over a minute.
    for threads in (params.cpuparams, params.cpuparams_batch):
        threads.n_threads = max(1, len(os.sched_getaffinity(0)) - 1)
        threads.poll = 0
    os.nice(5)
    server = xllamacpp.Server(params)
    os.write(ready, server.listening_address.encode())
    os.close(ready)
    signal.sigwait({signal.SIGTERM})
    os._exit(0)


def start(state):
    facts = known(state)
    if facts and answers(facts["url"]):
        tell(0, f"{MODEL} runs already at {facts['url']}", running=True, url=facts["url"])
    os.makedirs(os.path.dirname(state), mode=0o700, exist_ok=True)
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reading)
            serve(writing)
        except BaseException as fault:  # Nothing may run on as a second parent.
            os.write(2, repr(fault).encode() + b"\n")
        finally:
            os._exit(1)
    os.close(writing)
    url = b""
    with os.fdopen(reading, "rb") as pipe:
        url = pipe.read()
    url = url.decode()
    if not url.startswith("http"):
        tell(1, f"The local model did not start: see {HERE}/server.log", running=False)
    limit = time.monotonic() + START_SECONDS
    while not answers(url):
        if time.monotonic() > limit:
            os.kill(pid, signal.SIGKILL)
            tell(1, f"The local model did not answer within {START_SECONDS} s: see {HERE}/server.log", running=False)
        time.sleep(0.05)
    part = f"{state}.{os.getpid()}"
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump({"pid": pid, "url": url, "model": MODEL}, file)
    os.replace(part, state)
    tell(0, f"{MODEL} runs at {url}: use it with --provider local", running=True, url=url, pid=pid)


def stop(state):
    facts = known(state)
    if not facts:
        tell(0, "The local model does not run", running=False)
    os.kill(facts["pid"], signal.SIGTERM)
    for _ in range(100):
        if not known(state):
            break
        time.sleep(0.05)
    else:
        os.kill(facts["pid"], signal.SIGKILL)
    if os.path.exists(state):
        os.unlink(state)
    tell(0, "The local model has ended", running=False)


def status(state):
    facts = known(state)
    if facts and answers(facts["url"]):
        tell(0, f"{MODEL} runs at {facts['url']}", running=True, url=facts["url"], pid=facts["pid"])
    tell(1, "The local model does not run: `continuo model start`", running=False)


if __name__ == "__main__":
    verbs = {"start": start, "stop": stop, "status": status}
    if len(sys.argv) != 3 or sys.argv[1] not in verbs:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    verbs[sys.argv[1]](sys.argv[2])
