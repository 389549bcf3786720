"""The studio put together, as a process of its own: it changes what Pillow decodes."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from nst.painting.backbone import Backbone
from nst.serving.engine import Engine
from nst.serving.local import LocalWorker
from nst.serving.queue import FAILED
from nst.ui import launch
from nst.ui.address import Address
from nst.ui.hosting import Hosting
from tests.ui.conftest import ROOT
from tests.waiting import SLOW

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
            check=True, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SLOW,
        )  # fmt: skip
    assert done.stdout.splitlines()[1:] == [f"The port {port} at 127.0.0.1 was taken meanwhile: use another."]
    assert "Traceback" not in done.stderr


class OpenedError(Exception):
    """With whether the worker is one for others as well."""


@pytest.mark.parametrize(
    ("hosting", "is_public"),
    [(Hosting(), False), (Hosting(behind_proxy=True), True), (Hosting(("a.example",)), True)],
)
def test_behind_a_proxy_paintings_have_a_limit_of_time(
    hosting: Hosting, is_public: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def open_worker(*_: Any, public: bool, engine: Engine) -> NoReturn:
        raise OpenedError(public)

    monkeypatch.setattr(launch, "decode_only_readable", lambda: None)
    monkeypatch.setattr(launch, "ensure_model", lambda say: tmp_path)
    monkeypatch.setattr(launch, "open_worker", open_worker)
    with pytest.raises(OpenedError) as opened:
        launch.serve(Address("127.0.0.1", 7860), tmp_path, hosting=hosting)
    assert opened.value.args == (is_public,)


def test_what_else_the_system_refuses_is_no_matter_of_the_port(backbone: Backbone) -> None:
    def refused(**_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    page: Any = SimpleNamespace(launch=refused)
    address, worker = Address("127.0.0.1", 7860), LocalWorker(backbone)
    with pytest.raises(OSError, match="No space left"):
        launch._launch(page, worker, address, Hosting(), share=False, browser=False, has_mcp=False)


DYING = """
import json, sys, threading, time, urllib.request
from pathlib import Path
from types import SimpleNamespace
from PIL import Image
from nst.painting.painting import stylize
from nst.recipe import Recipe
from nst.serving.execution import Snapshot
from nst.serving.job import Job
from nst.ui import launch
from nst.ui.address import free_address

def take_no_snapshot(self, report, take=Job.take):
    if isinstance(report, Snapshot):
        raise RuntimeError("a fault of the worker's own")
    take(self, report)

def open_broken(*arguments, open_worker=launch.open_worker, **options):
    worker = open_worker(*arguments, **options)
    picture = Image.new("RGB", (32, 32))
    jobs.append(worker.submit(stylize(picture, picture, backbone=worker.backbone)))
    return worker

def watch():
    status = ""
    while status != "failed":
        time.sleep(0.05)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{address.port}/health") as answer:
                status = json.load(answer)["status"]
        except OSError:
            pass
    print(status, jobs[0].error, flush=True)
    seen.set()

def farewell(seconds):
    assert seconds == launch.FAREWELL_SECONDS
    seen.wait()  # however long a busy machine takes for what is to be done in them

jobs, address, seen = [], free_address(port=0), threading.Event()
launch.time = SimpleNamespace(sleep=farewell)
Job.take, launch.open_worker = take_no_snapshot, open_broken
threading.Thread(target=watch, daemon=True).start()
launch.serve(address, Path(sys.argv[1]), device="cpu", wants_mcp=False)
"""


def test_a_worker_that_dies_is_told_to_those_who_watch_and_ends_the_process(random_model: Path, tmp_path: Path) -> None:
    environment = os.environ | {"NST_MODEL": str(random_model), "GRADIO_TEMP_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", DYING, str(tmp_path)],
        check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=2 * SLOW,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == f"failed {FAILED}"
    assert done.stderr.rstrip().endswith("RuntimeError: a fault of the worker's own")
