"""The studio put together, as a process of its own: it changes what Pillow decodes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from tests.ui.conftest import ROOT

SERVE = """
import sys
from pathlib import Path
from nst.errors import AddressError
from nst.ui.address import Address
from nst.ui.launch import serve
try:
    serve(Address("127.0.0.1", int(sys.argv[1])), Path(sys.argv[2]), device="cpu", wants_mcp=False)
except AddressError as error:
    print(error)
"""


def test_a_port_that_is_taken_while_the_model_loads_is_said(random_model: Path, tmp_path: Path) -> None:
    environment = os.environ | {"NST_MODEL": str(random_model), "GRADIO_TEMP_DIR": str(tmp_path)}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-c", SERVE, str(port), str(tmp_path)],
            check=True, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert done.stdout.splitlines()[1:] == [f"The port {port} at 127.0.0.1 was taken meanwhile: use another."]
    assert "Traceback" not in done.stderr
