"""torchvision's server as a source, against a stand-in."""

from __future__ import annotations

import hashlib
import io
import socket
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
import torchvision
from torch import nn

from nst.errors import WeightsError
from nst.network.sources.torchvision import from_torchvision
from tests.network.stand_in import StandIn
from tests.network.torchvision_reference import state_dict


@pytest.fixture(scope="module")
def weights_file(vgg16_bn: nn.Sequential) -> bytes:
    file = io.BytesIO()
    torch.save(state_dict(vgg16_bn), file)
    return file.getvalue()


@pytest.fixture
def url(server: StandIn, weights_file: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The stand-in has the file, under a name with its hash, and torch.hub's cache is empty."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    server.body = weights_file
    return f"{server.url}/models/vgg16_bn-{hashlib.sha256(weights_file).hexdigest()[:8]}.pth"


def cached(tmp_path: Path, url: str) -> Path:
    return tmp_path / "hub" / "checkpoints" / Path(url).name


def test_the_file_goes_to_where_torch_hub_keeps_it_and_is_never_fetched_again(
    server: StandIn, url: str, weights_file: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines: list[str] = []
    weights = from_torchvision(lines.append, url=url)
    assert weights.backbone == "vgg16_bn"
    sha256 = hashlib.sha256(weights_file).hexdigest()
    assert weights.source == f"torchvision VGG16_BN_Weights.IMAGENET1K_V1, sha256 {sha256}"
    assert server.gets() == [f"GET /models/{Path(url).name}"]
    assert cached(tmp_path, url).read_bytes() == weights_file
    out, err = capsys.readouterr()
    assert out == ""
    assert "100%" in err
    server.close()
    assert from_torchvision(lines.append, url=url).source == weights.source
    assert lines == []


def test_a_damaged_copy_is_downloaded_again_and_that_is_said(
    server: StandIn, url: str, weights_file: bytes, tmp_path: Path
) -> None:
    path = cached(tmp_path, url)
    path.parent.mkdir(parents=True)
    path.write_bytes(weights_file[:-1] + b"?")
    lines: list[str] = []
    assert from_torchvision(lines.append, url=url).backbone == "vgg16_bn"
    assert lines == [
        f"  The copy in torch.hub's cache is damaged, so it is downloaded again: {path} does not match its SHA-256."
    ]
    assert path.read_bytes() == weights_file
    assert len(server.gets()) == 1


@pytest.mark.parametrize("damaged", [False, True])
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"body": b"other bytes"}, "does not match its SHA-256"),
        ({"status": 403}, "the server answers 403"),
        ({"status": 500}, "the server answers 500"),
        ({"behaviour": "silent"}, r"no answer for 0\.3 s"),
        ({"behaviour": "stall"}, r"no answer for 0\.3 s"),
        ({"behaviour": "break"}, "does not match its SHA-256"),
        ({}, "refused"),
    ],
)
def test_a_server_that_fails_gives_one_line_and_leaves_what_was_there_and_nothing_else(
    server: StandIn,
    tmp_path: Path,
    change: dict[str, Any],
    why: str,
    damaged: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    server.body = b"a few bytes are enough here"
    url = f"{server.url}/models/x-{hashlib.sha256(server.body).hexdigest()[:8]}.pth"
    vars(server).update(change)
    path = cached(tmp_path, url)
    path.parent.mkdir(parents=True)
    if damaged:
        path.write_text("damaged")
    if not change:
        server.close()
    before = socket.getdefaulttimeout()
    with pytest.raises(WeightsError, match=rf"^.*{url}.*{why}.*\.$"):
        from_torchvision(lambda _: None, url=url, patience=0.3)
    assert socket.getdefaulttimeout() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name] * damaged


def test_a_server_that_hangs_up_without_an_answer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))

    def hang_up() -> None:
        listener.accept()[0].close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=hang_up, daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/x-01234567.pth"
        with pytest.raises(WeightsError, match=rf"^{url} can't be downloaded \([^()]+\)\.$"):
            from_torchvision(url=url)


def test_a_folder_that_cannot_be_made_is_named_before_any_download(server: StandIn, url: str, tmp_path: Path) -> None:
    (tmp_path / "hub").touch()
    with pytest.raises(WeightsError, match=r"can't be downloaded \((File exists|Not a directory)\)"):
        from_torchvision(url=url)
    assert server.requests == []


def test_the_real_address_has_a_hash_in_its_name() -> None:
    url = torchvision.models.VGG16_BN_Weights.IMAGENET1K_V1.url
    assert url == "https://download.pytorch.org/models/vgg16_bn-6c64b313.pth"
