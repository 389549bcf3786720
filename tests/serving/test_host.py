"""What one run may take where the page is served, and the folder that a Space gets, on its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from PIL import Image
from spaces.config import boolean

from export.space_files import ROOT, space_files
from nst.pictures.writing import save_image
from nst.serving import host
from nst.serving.cost import Speed
from tests.conftest import smooth_picture
from tests.ui.conftest import serving


@pytest.mark.parametrize(("limit", "expected"), [("8000000000\n", 8e9), ("max\n", 16e9), ("64000000000", 16e9)])
def test_memory_is_the_machines_or_what_its_container_may_use(
    limit: str, expected: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "memory.max").write_text(limit)
    monkeypatch.setattr(host, "_CGROUP_LIMITS", (str(tmp_path / "absent"), str(tmp_path / "memory.max")))
    monkeypatch.setattr(host.os, "sysconf", {"SC_PAGE_SIZE": 4000, "SC_PHYS_PAGES": 4_000_000}.get)
    assert host.machine_memory() == expected
    assert host.usable_memory("cpu") == pytest.approx(0.8 * expected - 3e9)
    assert host.usable_memory("mps") is None


@pytest.mark.parametrize("said", [None, "", "1", "t", "true", "True", "TRUE", "0", "no", "yes"])
def test_zero_gpu_is_told_as_spaces_tells_it(said: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACES_ZERO_GPU", raising=False)
    if said is not None:
        monkeypatch.setenv("SPACES_ZERO_GPU", said)
    assert host.on_zero_gpu() == boolean(said)


def test_at_home_nothing_is_limited_and_on_a_space_time_and_memory_are(
    random_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Speed, "measured", lambda _: Speed(1, 1, 1e12))
    monkeypatch.delenv("SPACE_ID", raising=False)
    assert host.open_engine(random_model, "cpu", "fp32").limits is None
    timed = host.open_engine(random_model, "cpu", "fp32", seconds=50).limits
    assert timed is not None
    assert timed.seconds == 50
    monkeypatch.setenv("SPACE_ID", "someone/pastiche")
    engine = host.open_engine(random_model, "cpu", "fp32", room=3)
    assert engine.room == 3
    assert engine.limits is not None
    assert engine.limits.seconds == host.SPACE_SECONDS
    assert engine.limits.bytes == host.usable_memory("cpu")


def test_the_uploaded_folder_alone_serves_a_picture(random_model: Path, tmp_path: Path) -> None:
    space = tmp_path / "space"
    for name in space_files().sizes:
        (space / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, space / name)
    inputs = [save_image(smooth_picture(64, 48, seed=i), tmp_path / f"{i}.png") for i in range(2)]
    options = {"NST_MODEL": str(random_model), "SPACE_ID": "someone/pastiche", "PYTHONDONTWRITEBYTECODE": "1"}
    with serving(tmp_path, program=space / "app.py", cwd=space, **options) as server:
        client = Client(server.url, verbose=False)
        content, style = map(handle_file, inputs)
        path, progress = client.predict(content, style, preset="fast", size=32, first_steps=3, api_name="/stylize")
        client.close()
        assert progress["state"] == "done"
        with Image.open(path) as image:
            assert image.size == (32, 24)
    assert {str(path.relative_to(space)) for path in space.rglob("*") if path.is_file()} == set(space_files().sizes)
