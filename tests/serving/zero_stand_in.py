"""A ZeroGPU Space on a machine without a GPU: `python zero_stand_in.py`, with app.py's options.

The real `spaces` package is at work: it asks for seconds over HTTP, forks workers, pickles what goes there and back.
Only what needs a GPU is left out, which is two functions in the worker.  `ZeroStandIn` answers the HTTP.
"""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit


class ZeroStandIn:
    """What lends GPUs.  asked: the parameters of every call by its path.  left: seconds of a visitor's quota."""

    def __init__(self) -> None:
        self.asked: dict[str, list[dict[str, str]]] = {}
        self.left = 1000
        standin = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                status, said = standin._answer(self.path)
                data = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, address: str) -> tuple[int, dict[str, Any]]:
        parts = urlsplit(address)
        parameters = dict(parse_qsl(parts.query))
        self.asked.setdefault(parts.path, []).append(parameters)
        if parts.path != "/schedule":
            return 200, {}
        if int(parameters["durationSeconds"]) > self.left:
            return 429, {"left": self.left, "wait": 3600}
        return 200, {"idle": False, "nvidiaIndex": 0, "nvidiaUUID": "GPU-0", "allowToken": "token"}


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent.parent))
    import spaces.zero.torch
    import spaces.zero.wrappers

    spaces.zero.torch.init = spaces.zero.torch.move = lambda *_, **__: None
    spaces.zero.wrappers.client.utils.self_cgroup_device_path = lambda: "/"
    import app

    sys.exit(app.main())
