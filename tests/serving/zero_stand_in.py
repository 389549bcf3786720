"""What lends GPUs to a ZeroGPU Space, on this machine; the Space itself is in `without_gpu`."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.local_server import LocalServer, send


class ZeroStandIn:
    """What lends GPUs.  asked: the parameters of every call by its path.  left: seconds of a visitor's quota.

    lent: one for each that has not come back.
    """

    def __init__(self) -> None:
        self.asked: dict[str, list[dict[str, str]]] = {}
        self.left = 1000
        self.lent: list[str] = []
        self._server = LocalServer(self._answer)
        self.url, self.close = self._server.url, self._server.close

    def until_all_are_back(self) -> None:
        """A GPU is given back a moment after its job is over."""
        began = time.monotonic()
        while self.lent:
            assert time.monotonic() - began < 60, self.asked
            time.sleep(0.02)

    def forget(self) -> None:
        """Begin with nothing asked; what still belongs to a job before is waited for."""
        self.until_all_are_back()
        self.asked.clear()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        status, answer = self._status(handler.path)
        send(handler, status, json.dumps(answer).encode(), Content_Type="application/json")

    def _status(self, address: str) -> tuple[int, dict[str, Any]]:
        parts = urlsplit(address)
        parameters = dict(parse_qsl(parts.query))
        self.asked.setdefault(parts.path, []).append(parameters)
        if parts.path == "/release" and self.lent:
            self.lent.pop()
        if parts.path != "/schedule":
            return 200, {}
        if int(parameters["durationSeconds"]) > self.left:
            return 429, {"left": self.left, "wait": 3600}
        self.lent.append("GPU-0")
        return 200, {"idle": False, "nvidiaIndex": 0, "nvidiaUUID": "GPU-0", "allowToken": "token"}


def environment(lender: ZeroStandIn, folder: Path) -> dict[str, str]:
    """The variables of a ZeroGPU Space.  folder: for the weights that it promises."""
    return {
        "SPACES_ZERO_GPU": "true",
        "SPACES_ZERO_DEVICE_API_URL": lender.url,
        "SPACE_ID": "someone/gramarye",
        "ZEROGPU_OFFLOAD_DIR": str(folder / "promised"),
    }
