"""Somebody else's server on the loopback: a push service, an SMS vendor, a webhook's owner; it misbehaves as it is told."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pydantic import SecretStr


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Vendor:
    """What it was asked, and what it answers: a status with headers, or ``hang`` (never), ``garbage`` (no HTTP), ``flood``."""

    url: str = ""
    asked: list[Request] = field(default_factory=list)
    status: int = 201
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    trouble: str = ""

    @property
    def addresses(self) -> dict[str, SecretStr]:
        """The settings of a house whose SMS and calls go by it."""
        host = self.url.removeprefix("http://")
        return {
            "sms_url": SecretStr(f"smseagle://token@{host}/{{to}}"),
            "call_url": SecretStr(f"json://{host}/call/{{to}}"),
        }

    def at(self, path: str) -> list[Request]:
        return [one for one in self.asked if one.path.startswith(path)]


@contextmanager
def vending() -> Iterator[Vendor]:
    vendor, ended = Vendor(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's name
            length = int(self.headers.get("content-length") or 0)
            told = {name.lower(): value for name, value in self.headers.items()}
            vendor.asked.append(Request(self.path, told, self.rfile.read(length)))
            if vendor.trouble == "hang":
                ended.wait(30)
                return
            if vendor.trouble == "garbage":
                self.wfile.write(b"\x00\xff this is no HTTP at all\r\n\r\n")
                return
            if vendor.trouble == "flood":
                self.send_response(200)
                self.end_headers()
                self._flood()
                return
            self.send_response(vendor.status)
            for name, value in vendor.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(vendor.body)))
            self.end_headers()
            self.wfile.write(vendor.body)

        def _flood(self) -> None:
            try:
                while not ended.is_set():
                    self.wfile.write(b"x" * 65536)
                    time.sleep(0.001)
            except OSError:
                pass

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    vendor.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=lambda: server.serve_forever(0.05), daemon=True)
    thread.start()
    try:
        yield vendor
    finally:
        ended.set()
        server.shutdown()
        server.server_close()


def nobody_listens() -> str:
    """An address on which nothing answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"
