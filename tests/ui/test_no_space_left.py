"""The app on a disk that is really full: each visitor gets a sentence, and all goes on once there is space again.

The disk is a small one in memory, which only the app sees; it takes Linux, and the right to have namespaces of one's
own.
"""

from __future__ import annotations

import base64
import io
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from nst.ui.full_disk import SENTENCE
from tests.ui.by_hand import QUICK, Asked, called, error_in, form, page_of, uploaded
from tests.ui.conftest import Server, serving

LONG = {"size": 64, "first_steps": 10_000, "start_size": 0, "tolerance": 0}


def with_own_disk(place: Path, megabytes: int) -> tuple[str, ...]:
    """What to put before a command, so that this folder is a disk of its own for it, and for nobody else."""
    script = f'mount -t tmpfs -o size={megabytes}m none "$0" && exec "$@"'
    return "unshare", "--map-root-user", "--mount", "sh", "-c", script, str(place)


@pytest.fixture(scope="module")
def server(random_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One whose temporary files are on a small disk."""
    folder = tmp_path_factory.mktemp("small")
    (place := folder / "files").mkdir()
    within = with_own_disk(place, megabytes=48)
    if not shutil.which("unshare") or subprocess.run([*within, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here without being root: there are no user namespaces")
    with serving(folder, "--no-mcp", within=within, NST_MODEL=str(random_model)) as server:
        yield server
    assert "Traceback" not in server.log.read_text()


@contextmanager
def no_space_left(server: Server) -> Iterator[None]:
    ballast = Path(f"/proc/{server.process.pid}/root{server.files}/ballast")
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(1_000_000))
    try:
        yield
    finally:
        ballast.unlink()


def picture(kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.effect_noise((64, 48), 60).convert("RGB").save(file, kind)
    return file.getvalue()


@pytest.fixture
def images(server: Server) -> dict[str, Any]:
    """What was uploaded while there was space."""
    return {role: uploaded(server, f"{role}.png", picture()) for role in ("content", "style")}


def test_an_upload(server: Server) -> None:
    body, kind = form("a.png", picture(), field="files")
    with no_space_left(server):
        refused = Asked(server, "POST", "/gradio_api/upload", body, Content_Type=kind)
        assert server.health()["status"] == "ok"
    assert (refused.status, json.loads(refused.text)["detail"]) == (507, SENTENCE)
    assert Asked(server, "POST", "/gradio_api/upload", body, Content_Type=kind).status == 200


@pytest.mark.parametrize("settings", [QUICK, LONG], ids=["the result", "a preview"])
def test_a_painting(server: Server, images: dict[str, Any], settings: dict[str, Any]) -> None:
    with no_space_left(server):
        assert SENTENCE in called(server, {**images, **settings})
        server.until_free()
    assert "event: complete" in called(server, {**images, **QUICK})


def test_an_image_in_a_data_url(server: Server) -> None:
    url = f"data:image/png;base64,{base64.b64encode(picture()).decode()}"
    with no_space_left(server):
        assert SENTENCE in called(server, {"content": url, "style": url, **QUICK})
    assert "event: complete" in called(server, {"content": url, "style": url, **QUICK})


def test_a_picture_that_browsers_can_not_show(server: Server) -> None:
    """Which is written again for them."""
    page, file = page_of(server), uploaded(server, "a.tiff", picture("TIFF"))
    check = next((event, place) for event, place in page.events("image") if event["api_name"] == "check_upload")
    with no_space_left(server):
        assert error_in(page.heard(*check, file)) == SENTENCE
    assert error_in(page.heard(*check, file)) == ""


def test_a_painting_on_the_page(server: Server, images: dict[str, Any]) -> None:
    page = page_of(server)
    paint = next(event for event, _ in page.events() if event["api_name"] == "_paint")
    labels = {component["id"]: component["props"].get("label") for component in page.config["components"]}
    chosen = {"Content": images["content"], "Style": images["style"], "Size": 32, "First steps": 1}
    data = [
        chosen.get(labels[component], value)
        for component, value in zip(paint["inputs"], page.values(paint), strict=True)
    ]
    with no_space_left(server):
        assert error_in(page.messages(paint, data)[-1]) == SENTENCE
    assert error_in(page.messages(paint, data)[-1]) == ""
