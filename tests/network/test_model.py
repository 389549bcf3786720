"""The model file: opened, refused."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from nst.errors import ModelError
from nst.network.model import open_model, weight_names, weights_digest
from nst.network.weights import random_weights


def test_the_weights_come_back_as_they_were_exported(random_model: Path) -> None:
    model, weights = open_model(random_model), random_weights(0).tensors
    assert list(model.weights) == weight_names()
    assert all(torch.equal(model.weights[name], weights[name]) for name in weight_names())
    assert model.digest == weights_digest({name: tensor.numpy() for name, tensor in weights.items()})
    assert (model.backbone, model.source) == ("vgg16 (random)", "seeded random numbers, seed 0")


def test_the_digest_tells_networks_apart() -> None:
    arrays = {name: tensor.numpy().copy() for name, tensor in random_weights(0).tensors.items()}
    before = weights_digest(arrays)
    arrays["conv9.bias"][3] = np.nextafter(arrays["conv9.bias"][3], np.float32(1))
    assert weights_digest(arrays) != before


def test_a_missing_model_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"There is no model at .*none.onnx: run `python -m nst export`"):
        open_model(tmp_path / "none.onnx")


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.999])
def test_a_model_that_was_cut_short_is_refused(random_model: Path, tmp_path: Path, share: float) -> None:
    data = random_model.read_bytes()
    path = tmp_path / "cut.onnx"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ModelError, match="delete it and run `python -m nst export`"):
        open_model(path)


def test_a_single_flipped_bit_is_noticed(random_model: Path, tmp_path: Path) -> None:
    data = bytearray(random_model.read_bytes())
    data[len(data) // 2] ^= 1
    path = tmp_path / "flipped.onnx"
    path.write_bytes(data)
    with pytest.raises(ModelError, match="its weights do not match their SHA-256"):
        open_model(path)


@pytest.mark.parametrize("content", [b"", b"hello, I am a text file", bytes(1000)])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="python -m nst export"):
        open_model(path)


def with_format(model: Path, key: str, value: str, path: Path) -> Path:
    proto = onnx.load(model)
    entry = next(prop for prop in proto.metadata_props if prop.key == "gramarye_format")
    entry.key, entry.value = key, value
    onnx.save(proto, path)
    return path


@pytest.mark.parametrize("key", ["gramarye_format", "pastiche_format", "format"])
def test_a_model_of_another_version_is_refused(random_model: Path, tmp_path: Path, key: str) -> None:
    path = with_format(random_model, key, "2" if key == "format" else "0", tmp_path / "old.onnx")
    with pytest.raises(ModelError, match="not written by this version of the export"):
        open_model(path)


def test_a_model_of_the_same_layout_from_before_the_project_was_renamed_is_read(
    random_model: Path, tmp_path: Path
) -> None:
    path = with_format(random_model, "pastiche_format", "2", tmp_path / "old.onnx")
    assert open_model(path).digest == open_model(random_model).digest
