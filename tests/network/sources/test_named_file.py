"""Weights in files: both kinds of them, and files that are not what they should be."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from nst.errors import WeightsError
from nst.network.sources.named_file import from_file, read_weights
from tests.network.sources.bomb import Bomb
from tests.network.torchvision_reference import assert_same_network, filled, state_dict


@pytest.mark.parametrize(("kind", "suffix"), [("vgg16_bn", ".pth"), ("vgg16", ".safetensors")])
def test_both_kinds_of_files_are_read(kind: str, suffix: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    layers, path = request.getfixturevalue(kind), tmp_path / f"mine{suffix}"
    if suffix == ".safetensors":
        save_file(state_dict(layers), path)
    else:
        torch.save(state_dict(layers), path)
    weights = from_file(path)
    assert weights.backbone == kind
    assert weights.source == f"file mine{suffix}, sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}"
    if kind == "vgg16":
        expected = [
            tensor
            for module in layers
            if isinstance(module, nn.Conv2d)
            for tensor in (module.weight, filled(module.bias))
        ]
        assert all(map(torch.equal, weights.tensors.values(), expected))
    else:
        assert_same_network(weights, layers)


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
@pytest.mark.parametrize(
    "content", ["empty", "text", "other suffix", "list", "tensor", "truncated", "folder", "missing"]
)
def test_a_file_that_holds_no_state_dict_gives_one_sentence(content: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"mine{suffix}"
    if content == "empty":
        path.touch()
    elif content == "text":
        path.write_text("These are no weights.\n" * 9)
    elif content == "other suffix":
        tensors = {"features.0.weight": torch.zeros(2)}
        torch.save(tensors, path) if suffix == ".safetensors" else save_file(tensors, path)
    elif content in ("list", "tensor"):
        torch.save([torch.zeros(2)] if content == "list" else torch.zeros(2), path)
    elif content == "truncated":
        save_file({"features.0.weight": torch.zeros(99)}, path)
        path.write_bytes(path.read_bytes()[:-9])
    elif content == "folder":
        path.mkdir()
    with pytest.raises(WeightsError) as caught:
        from_file(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_torch_file_with_code_in_it_is_refused_and_does_not_run(tmp_path: Path) -> None:
    torch.save({"features.0.weight": Bomb(tmp_path / "boom")}, tmp_path / "mine.pth")
    with pytest.raises(WeightsError, match="can't be read"):
        from_file(tmp_path / "mine.pth")
    assert not (tmp_path / "boom").exists()


def test_a_file_is_read_only_if_its_hash_begins_as_it_should(vgg16: nn.Sequential, tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    save_file(state_dict(vgg16), path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    for known in (sha256, sha256[:8]):
        assert read_weights(path, "a test", known).source == f"a test, sha256 {sha256}"
    with pytest.raises(WeightsError, match=rf"^{path} does not match its SHA-256\.$"):
        read_weights(path, "a test", sha256[1:9])
