"""What one painting may take where the page is served, and the folder that a Space gets, on its own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from gradio_client import Client, handle_file
from PIL import Image
from spaces.config import boolean

from export.space_files import ROOT, space_files
from nst.errors import BusyError
from nst.painting.painting import stylize
from nst.pictures.picture import Picture
from nst.pictures.writing import save_image
from nst.serving import host
from nst.serving.limits import Limits
from nst.serving.machine_memory import machine_memory
from nst.serving.speed import Speed
from tests.conftest import smooth_picture
from tests.ui.conftest import serving


@pytest.mark.parametrize(("limit", "expected"), [("8000000000\n", 8e9), ("max\n", 16e9), ("64000000000", 16e9)])
def test_memory_is_the_machines_or_what_its_container_may_use(
    limit: str, expected: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "memory.max").write_text(limit)
    monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 4000, "SC_PHYS_PAGES": 4_000_000}.get)
    assert machine_memory([tmp_path / "absent", tmp_path / "memory.max"]) == expected


def test_a_painting_may_take_a_share_of_the_memory_of_its_own_device(monkeypatch: pytest.MonkeyPatch) -> None:
    cards = {"cuda:0": SimpleNamespace(total_memory=10e9), "cuda:1": SimpleNamespace(total_memory=80e9)}
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: cards[str(device)])
    monkeypatch.setattr(host, "machine_memory", lambda: 20e9)
    assert host.usable_memory(torch.device("cuda:0")) == pytest.approx(0.8 * 10e9)
    assert host.usable_memory(torch.device("cuda:1")) == pytest.approx(0.8 * 80e9)
    assert host.usable_memory(torch.device("cpu")) == pytest.approx(0.8 * 20e9 - 3e9)
    assert host.usable_memory(torch.device("mps")) == host.usable_memory(torch.device("cpu"))
    assert host.usable_memory(torch.device("cpu"), command=True) == pytest.approx(0.8 * 20e9 - 1e9)
    monkeypatch.setattr(host, "machine_memory", lambda: 2e9)
    assert host.usable_memory(torch.device("cpu")) == pytest.approx(0.5 * 2e9)
    assert host.usable_memory(torch.device("cpu"), command=True) == pytest.approx(0.5 * 2e9)


@pytest.mark.parametrize("value", [None, "", "1", "t", "true", "True", "TRUE", "0", "no", "yes"])
def test_zero_gpu_is_told_as_spaces_tells_it(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACES_ZERO_GPU", raising=False)
    if value is not None:
        monkeypatch.setenv("SPACES_ZERO_GPU", value)
    assert host.on_zero_gpu() == boolean(value)


def test_memory_is_limited_everywhere_and_time_where_others_wait(
    random_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Speed, "measured", lambda _: Speed(1, 1, 1e12))
    monkeypatch.delenv("SPACE_ID", raising=False)
    usable = host.usable_memory(torch.device("cpu"))
    assert host.open_worker(random_model, "cpu", "fp32").limits == Limits(bytes=usable)
    reached = host.open_worker(random_model, "cpu", "fp32", public=True).limits
    assert reached is not None
    assert (reached.seconds, reached.bytes) == (host.SPACE_SECONDS, usable)
    patient = host.open_worker(random_model, "cpu", "fp32", seconds=5000, public=True).limits
    assert patient is not None
    assert patient.seconds == 5000
    timed = host.open_worker(random_model, "cpu", "fp32", seconds=50).limits
    assert timed is not None
    assert timed.seconds == 50
    monkeypatch.setenv("SPACE_ID", "someone/gramarye")
    limits = host.open_worker(random_model, "cpu", "fp32").limits
    assert limits is not None
    assert limits.seconds == host.SPACE_SECONDS
    assert limits.bytes == host.usable_memory(torch.device("cpu"))


def test_as_many_may_wait_as_one_says(random_model: Path, content: Picture, style: Picture) -> None:
    worker = host.open_worker(random_model, "cpu", "fp32", capacity=0)
    worker.submit(stylize(content, style, backbone=worker.backbone))
    with pytest.raises(BusyError):
        worker.submit(stylize(content, style, backbone=worker.backbone))
    worker.close()


def test_the_uploaded_folder_alone_serves_a_picture(random_model: Path, tmp_path: Path) -> None:
    space = tmp_path / "space"
    for name in space_files().sizes:
        (space / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, space / name)
    inputs = [save_image(smooth_picture(64, 48, seed=i), tmp_path / f"{i}.png") for i in range(2)]
    options = {"NST_MODEL": str(random_model), "SPACE_ID": "someone/gramarye", "PYTHONDONTWRITEBYTECODE": "1"}
    with serving(tmp_path, program=space / "app.py", cwd=space, **options) as server:
        client = Client(server.url, verbose=False)
        content, style = map(handle_file, inputs)
        path, progress = client.predict(content, style, preset="fast", size=32, first_steps=3, api_name="/stylize")
        client.close()
        assert progress["state"] == "done"
        with Image.open(path) as image:
            assert image.size == (32, 24)
    assert {str(path.relative_to(space)) for path in space.rglob("*") if path.is_file()} == set(space_files().sizes)
