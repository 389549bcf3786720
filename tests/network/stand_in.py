"""A web server on this machine that plays the Hub or torchvision's server, well or badly."""

from __future__ import annotations

import contextlib
import threading
from http.server import BaseHTTPRequestHandler

from tests.local_server import LocalServer


class StandIn:
    """Serves one body at every address of 127.0.0.1.

    status and headers: of every answer.  behaviour: "serve", "silent" (never answers), "stall" (sends half of the
    body and no more), "break" (sends half of the body and hangs up) or "redirect" (as the Hub: to another host, which
    sends the body without these headers).  `requests` lists what was asked for, such as "GET /file".
    """

    def __init__(self) -> None:
        self.body = b""
        self.headers: dict[str, str] = {}
        self.status = 200
        self.behaviour = "serve"
        self.requests: list[str] = []
        self._over = threading.Event()
        self._server = LocalServer(self._answer)
        self.url = self._server.url

    def close(self) -> None:
        self._over.set()
        self._server.close()

    def gets(self) -> list[str]:
        """Requests for files, without those that the Hub's client makes on its own account."""
        return [line for line in self.requests if line.startswith("GET ") and "/api/" not in line]

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.requests.append(f"{handler.command} {handler.path}")
        if self.behaviour == "silent":
            self._over.wait()
            return
        headers = self.headers | {"Content-Length": str(len(self.body))}
        status, body, served = self.status, self.body, len(self.body)
        if self.behaviour in ("stall", "break"):
            served //= 2
        elif self.behaviour == "redirect" and handler.path == "/elsewhere":
            headers = {"Content-Length": str(len(self.body))}
        elif self.behaviour == "redirect":
            elsewhere = f"{self.url.replace('127.0.0.1', 'localhost')}/elsewhere"
            status, body, headers = 302, b"", self.headers | {"Location": elsewhere, "Content-Length": "0"}
        with contextlib.suppress(ConnectionError):  # the client may have given up
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.end_headers()
            if handler.command == "GET":
                handler.wfile.write(body[:served])
                handler.wfile.flush()
        if self.behaviour == "stall":
            self._over.wait()
