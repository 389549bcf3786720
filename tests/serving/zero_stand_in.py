"""ZeroGPU on a machine without a GPU: `ZeroStandIn` lends, `without_gpu` is for the Space to which it lends.

The real `spaces` package is at work: it promises weights on CUDA, asks for seconds over HTTP, forks workers, pickles
what goes there and back.  Only what needs a GPU is left out, which is in two functions of the worker.

`python zero_stand_in.py` serves app.py's page so, with its options.
"""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit


class ZeroStandIn:
    """What lends GPUs.  asked: the parameters of every call by its path.  left: seconds of a visitor's quota."""

    def __init__(self) -> None:
        self.asked: dict[str, list[dict[str, str]]] = {}
        self.left = 1000
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                status, said = stand_in._answer(self.path)
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


def environment(lender: ZeroStandIn, folder: Path) -> dict[str, str]:
    """The variables of a ZeroGPU Space.  folder: for the weights that it promises."""
    return {
        "SPACES_ZERO_GPU": "true",
        "SPACES_ZERO_DEVICE_API_URL": lender.url,
        "SPACE_ID": "someone/gramarye",
        "ZEROGPU_OFFLOAD_DIR": str(folder / "promised"),
    }


def without_gpu() -> None:
    """Have `spaces` do without a GPU in this process and its workers: what was promised on CUDA comes to the CPU.

    The GPU that is not there is the kind that ZeroGPU lends.
    """
    import spaces.zero.config
    import spaces.zero.torch
    import spaces.zero.wrappers

    spaces.zero.torch.init = lambda _uuid: None
    spaces.zero.torch.move = keep_promises
    spaces.zero.wrappers.client.utils.self_cgroup_device_path = lambda: "/"
    spaces.zero.config._read_gpu_information = lambda: "Model:\tNVIDIA RTX PRO 6000 Blackwell Server Edition\n"
    spaces.zero.config.get_config.cache_clear()


def keep_promises(**_: object) -> None:
    """As `spaces.zero.torch.patching.move`: fill each promised tensor from the file of its pack, but on the CPU."""
    import torch
    from spaces.zero.torch.patching import tensor_packs

    for pack in tensor_packs:
        with open(pack.path(), "rb") as file:
            for tensor, size, padded_size in (*chain(*pack.batches), *pack.big_tensors):
                data = torch.frombuffer(bytearray(file.read(padded_size)[:size]), dtype=torch.uint8)
                kept = torch.empty(0, dtype=tensor.dtype)
                kept.set_(data.untyped_storage(), 0, tensor.shape, tensor.stride())
                for promise in pack.fakes[tensor]:
                    promise.data = kept


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent.parent))
    without_gpu()
    import app

    sys.exit(app.main())
