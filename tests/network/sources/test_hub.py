"""The Hugging Face Hub as a source, against a stand-in that its own client talks to."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import torch
from safetensors.torch import save
from torch import nn

from nst.errors import WeightsError
from nst.network.sources.hub import HUB_FILE, HUB_REPO, from_hub
from tests.network.stand_in import StandIn
from tests.network.torchvision_reference import state_dict

COMMIT = "0123456789abcdef0123456789abcdef01234567"
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def weights_file(vgg16: nn.Sequential) -> bytes:
    return save(state_dict(vgg16))


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
    huggingface_hub.close_session()


def publish(hub: StandIn, body: bytes) -> None:
    hub.body = body
    sha256 = hashlib.sha256(body).hexdigest()
    hub.headers = {
        "ETag": f'"{sha256}"',
        "X-Linked-Etag": f'"{sha256}"',
        "X-Linked-Size": str(len(body)),
        "X-Repo-Commit": COMMIT,
    }


def cached(tmp_path: Path) -> Path:
    return next((tmp_path / "cache").rglob(HUB_FILE))


def test_the_hubs_file_is_verified_cached_and_never_fetched_again(
    hub: StandIn, weights_file: bytes, vgg16: nn.Sequential, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(hub, weights_file)
    lines: list[str] = []
    first = from_hub(lines.append)
    assert torch.equal(first.tensors["conv13.weight"], vgg16.state_dict()["28.weight"])
    assert first.source == f"Hugging Face Hub {HUB_REPO}, sha256 {hashlib.sha256(weights_file).hexdigest()}"
    assert hub.gets() == [f"GET /{HUB_REPO}/resolve/main/{HUB_FILE}"]
    asked = len(hub.requests)
    hub.close()
    assert from_hub(lines.append).source == first.source
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert from_hub(lines.append).source == first.source
    assert len(hub.requests) == asked
    assert lines == []


def test_the_hubs_own_client_sees_nothing_wrong_in_its_cache(hub: StandIn, weights_file: bytes, tmp_path: Path) -> None:
    publish(hub, weights_file)
    from_hub()
    report = huggingface_hub.scan_cache_dir(tmp_path / "cache")
    assert report.warnings == []
    assert [(repo.repo_id, repo.nb_files) for repo in report.repos] == [(HUB_REPO, 1)]


def test_the_hubs_redirect_to_another_host_is_followed(hub: StandIn, weights_file: bytes) -> None:
    publish(hub, weights_file)
    hub.behaviour = "redirect"
    assert from_hub().backbone == "vgg16"
    assert hub.gets()[-1] == "GET /elsewhere"


def test_an_endpoint_that_states_no_sha256_serves_too(hub: StandIn, weights_file: bytes) -> None:
    publish(hub, weights_file)
    hub.headers = {"ETag": '"0123"', "X-Repo-Commit": COMMIT}
    assert from_hub().backbone == "vgg16"
    assert from_hub().backbone == "vgg16"
    assert len(hub.gets()) == 1


# A damaged cache


@pytest.mark.parametrize("symlinks", [True, False])
def test_a_damaged_copy_is_downloaded_again_and_that_is_said(
    hub: StandIn, weights_file: bytes, tmp_path: Path, symlinks: bool
) -> None:
    publish(hub, weights_file)
    whole = from_hub()
    path = cached(tmp_path)
    if not symlinks:  # as where the file system has none: the snapshot is a plain file, named for no hash
        path.unlink()
    path.write_bytes(weights_file[: len(weights_file) // 2])
    lines: list[str] = []
    assert from_hub(lines.append).source == whole.source
    assert len(hub.gets()) == 2
    (line,) = lines
    assert line.startswith("  The copy in the Hub's cache is damaged, so it is downloaded again: ")
    assert from_hub(lines.append).source == whole.source
    assert len(hub.gets()) == 2


def test_a_single_flipped_bit_is_noticed(hub: StandIn, weights_file: bytes, tmp_path: Path) -> None:
    publish(hub, weights_file)
    whole = from_hub()
    flipped = bytearray(weights_file)
    flipped[-1] ^= 1
    cached(tmp_path).write_bytes(flipped)
    lines: list[str] = []
    assert from_hub(lines.append).source == whole.source
    assert lines[0].endswith(f"{HUB_FILE} does not match its SHA-256.")


def test_a_damaged_copy_without_a_network_is_an_error_and_stays(
    hub: StandIn, weights_file: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(hub, weights_file)
    from_hub()
    cached(tmp_path).write_bytes(b"damaged")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(WeightsError, match="offline mode is enabled"):
        from_hub(lambda _: None)
    assert cached(tmp_path).read_bytes() == b"damaged"


def test_bytes_that_do_not_match_what_the_hub_states_are_refused_and_not_kept_for_ever(
    hub: StandIn, weights_file: bytes
) -> None:
    publish(hub, weights_file)
    hub.body = weights_file[:-1] + bytes([weights_file[-1] ^ 1])
    with pytest.raises(WeightsError, match="does not match its SHA-256"):
        from_hub()
    hub.body = weights_file
    lines: list[str] = []
    assert from_hub(lines.append).backbone == "vgg16"
    assert "is downloaded again" in lines[0]


# A Hub that fails


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"body": b"fewer bytes"}, "Consistency check failed: file should be of size 25 but has size 11"),
        ({"status": 401}, "the server answers 401"),
        ({"status": 403}, "the server answers 403"),
        ({"status": 404}, "the server answers 404"),
        ({"status": 500}, "the server answers 500"),
        ({"status": 503}, "the server answers 503"),
        ({"headers": {"ETag": f'"{"0" * 64}"'}}, "it states no commit, as the Hub does"),
        ({"headers": {"ETag": f'"{"0" * 64}"', "X-Repo-Commit": "../../../up"}}, "it states no commit"),
    ],
)
def test_a_hub_that_has_no_such_file_gives_one_line(hub: StandIn, change: dict[str, Any], why: str) -> None:
    vars(hub).update(change)
    start = time.monotonic()
    with pytest.raises(WeightsError) as caught:
        from_hub()
    assert time.monotonic() - start < 23  # as long as the client tries where it is left alone
    assert why in str(caught.value)
    assert str(caught.value).startswith(f"{hub.url}/{HUB_REPO}/resolve/main/{HUB_FILE} can't be downloaded (")
    assert "\n" not in str(caught.value)


def test_a_hub_that_is_silent_is_given_up_after_three_seconds(hub: StandIn) -> None:
    hub.behaviour = "silent"
    start = time.monotonic()
    with pytest.raises(WeightsError, match=r"no answer for 3 s\)\.$"):
        from_hub()
    assert 2.5 < time.monotonic() - start < 10  # left alone, the client waits 10 s, six times


@pytest.mark.parametrize("behaviour", ["stall", "break"])
def test_a_hub_that_falls_silent_in_the_middle_is_given_up(hub: StandIn, behaviour: str) -> None:
    hub.behaviour = behaviour
    start = time.monotonic()
    with pytest.raises(WeightsError, match=r"no answer for 0\.5 s\)\.$"):
        from_hub(silence=0.5)
    assert time.monotonic() - start < 60  # as above


def test_a_hub_that_is_not_there_gives_one_line(hub: StandIn) -> None:
    hub.close()
    with pytest.raises(WeightsError, match=rf"^{hub.url}/{HUB_REPO}/.* can't be downloaded \(Connection refused\)\.$"):
        from_hub()


def test_hf_hub_offline_is_respected(hub: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(WeightsError, match="offline mode is enabled"):
        from_hub()
    assert hub.requests == []


def test_hf_endpoint_and_hf_home_are_respected(server: StandIn, tmp_path: Path, weights_file: bytes) -> None:
    publish(server, weights_file)
    environment = os.environ | {"HF_ENDPOINT": server.url, "HF_HOME": str(tmp_path)}
    for name in ("HF_HUB_CACHE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        environment.pop(name, None)
    code = "from nst.network.sources.hub import from_hub; print(from_hub().source)"
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout == f"Hugging Face Hub {HUB_REPO}, sha256 {hashlib.sha256(server.body).hexdigest()}\n"
    assert [path.read_bytes() == server.body for path in tmp_path.rglob(HUB_FILE)] == [True]
