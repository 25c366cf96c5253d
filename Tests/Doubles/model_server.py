#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A language model's server for tests, on loopback: it replays a reply, or fails as it is told.

The model's name in a request says what to do: "ok", "ok:100" (tokens a second), "reset", "stall" and
so on, see `answer`. Every request is written to LOG as a line of JSON. The port is printed first.
"""
import json
import socket
import ssl
import struct
import sys
import threading
import time

LINGER = struct.pack("ii", 1, 0)


class Server:
    def __init__(self, log, reply, certificate):
        self.log = open(log, "a", encoding="utf-8")
        self.lock = threading.Lock()
        self.reply = reply
        self.counts = {}
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate)

    def serve(self):
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection):
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(65536)
                if not piece:
                    return
                head += piece
            head, body = head.split(b"\r\n\r\n", 1)
            lines = head.decode("latin-1").split("\r\n")
            headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:] if ": " in line)}
            while len(body) < int(headers.get("content-length", 0)):
                body += connection.recv(65536)
            request = json.loads(body or b"{}")
            with self.lock:
                record = {"line": lines[0], "headers": headers, "body": request}
                self.log.write(json.dumps(record) + "\n")
                self.log.flush()
            Answer(self, connection, headers, request).give()
        except (OSError, ValueError):
            pass
        finally:
            try:
                connection.close()
            except OSError:
                pass

    def count(self, name):
        with self.lock:
            self.counts[name] = self.counts.get(name, 0) + 1
            return self.counts[name]


class Answer:
    def __init__(self, server, connection, headers, request):
        self.server, self.connection = server, connection
        self.headers, self.request = headers, request
        self.anthropic = "anthropic-version" in headers

    def send(self, data):
        self.connection.sendall(data if isinstance(data, bytes) else data.encode())

    def head(self, status, kind="text/event-stream", extra=""):
        self.send(f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nConnection: close\r\n{extra}\r\n")

    def refuse(self, status, message, extra=""):
        self.head(status, "application/json", extra)
        self.send(json.dumps({"error": {"message": message, "type": "invalid"}}))

    def event(self, value):
        self.send("data: " + (value if isinstance(value, str) else json.dumps(value)) + "\n\n")

    def piece(self, text):
        if self.anthropic:
            kind = "input_json_delta" if "tools" in self.request else "text_delta"
            key = "partial_json" if "tools" in self.request else "text"
            self.event({"type": "content_block_delta", "index": 0, "delta": {"type": kind, key: text}})
        else:
            self.event({"model": "double", "choices": [{"index": 0, "delta": {"content": text}}]})

    def end(self, reason="stop", tokens=0):
        if self.anthropic:
            reason = {"stop": "end_turn", "length": "max_tokens"}[reason]
            self.event({"type": "message_delta", "delta": {"stop_reason": reason},
                        "usage": {"output_tokens": tokens}})
            self.event({"type": "message_stop"})
        else:
            self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
            self.event({"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": tokens}})
            self.event("[DONE]")

    def start(self):
        self.head(200)
        if self.anthropic:
            self.event({"type": "message_start",
                        "message": {"model": "double", "usage": {"input_tokens": 11}}})
            self.event({"type": "ping"})

    def stream(self, rate=0.0, reason="stop", text=None):
        """About four characters are a token, as with real models."""
        text = self.server.reply if text is None else text
        pieces = [text[i:i + 4] for i in range(0, len(text), 4)]
        self.start()
        begun = time.monotonic()
        for index, piece in enumerate(pieces):
            self.piece(piece)
            if rate:
                wait = begun + (index + 1) / rate - time.monotonic()
                time.sleep(max(0, wait))
        self.end(reason, len(pieces))

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
        self.connection.close()

    def give(self):
        name, _, argument = str(self.request.get("model", "ok")).partition(":")
        count = self.server.count(name)
        if name == "ok":
            self.stream(float(argument or 0))
        elif name == "whole":
            self.head(200, "application/json")
            self.send(json.dumps({"model": "double", "choices": [
                {"index": 0, "message": {"content": self.server.reply}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 11, "completion_tokens": 5}}))
        elif name == "length":
            self.stream(reason="length")
        elif name == "second":
            self.stream(text="no music here" if count == 1 else None)
        elif name == "prose":
            self.stream(text="I would rather talk about the weather.")
        elif name in ("reset", "stall", "cut", "fault", "broken"):
            self.start()
            half = self.server.reply[:len(self.server.reply) // 2]
            self.piece(half)
            if name == "stall":
                time.sleep(60)
            elif name == "reset":
                time.sleep(0.1)
                self.reset()
            elif name == "fault":
                self.event({"error": {"message": "the GPU is on fire"}})
            elif name == "broken":
                self.event("{not json")
        elif name == "first-reset" and count == 1:
            self.reset()
        elif name == "silent":
            time.sleep(60)
        elif name == "comments":
            self.head(200)
            while True:
                self.send(": still thinking\n\n")
                time.sleep(0.05)
        elif name == "drip":
            self.start()
            while True:
                self.piece(".")
                time.sleep(0.05)
        elif name == "bytes":
            # A byte at a time, within events too.
            self.head(200)
            for byte in b'data: {"choices":[{"delta":{"content":"' + b"x" * 5000:
                self.send(bytes([byte]))
                time.sleep(0.02)
        elif name == "endless":
            self.start()
            while True:
                self.piece("x" * 1000)
        elif name == "line":
            self.head(200)
            while True:
                self.send("data: " + "x" * 65536)
        elif name == "html":
            self.head(200, "text/html; charset=utf-8")
            self.send("<html>Welcome</html>")
        elif name == "redirect":
            self.head(302, "text/plain", "Location: http://elsewhere.invalid/steal?key=1\r\n")
        elif name == "401":
            key = self.headers.get("authorization", self.headers.get("x-api-key", ""))
            self.refuse(401, f"Incorrect API key provided: {key} or sk-ab**********cd. Look it up")
        elif name == "404":
            self.refuse(404, "no such model")
        elif name == "429" and count == 1:
            self.refuse(429, "slow down", "Retry-After: 1\r\n")
        elif name == "429-long":
            self.refuse(429, "quota", "Retry-After: 3600\r\n")
        elif name == "500" and count <= 2:
            self.refuse(500, "oops")
        elif name == "500-always":
            self.refuse(500, "oops")
        elif name == "plain" and "response_format" in self.request:
            self.refuse(400, f"{self.request['response_format']['type']}: response_format is not known here")
        elif name == "modern" and "max_tokens" in self.request:
            self.refuse(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'")
        else:
            self.stream()


def main():
    log, reply = sys.argv[1:3]
    certificate = sys.argv[3] if len(sys.argv) > 3 else None
    server = Server(log, open(reply, encoding="utf-8").read(), certificate)
    print(server.port, flush=True)
    server.serve()


main()
