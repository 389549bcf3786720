"""ONNX Runtime against PyTorch on the same file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnxruntime
import pytest
import torch

from nst.errors import ModelError
from nst.network.ort_extractor import OrtExtractor
from nst.painting.backbone import Backbone
from nst.recipe import Border
from nst.taps import TAPS


@pytest.fixture(scope="module")
def runtime(random_model: Path) -> OrtExtractor:
    return OrtExtractor(random_model)


@pytest.mark.parametrize("border", ["zeros", "replicate"])
@pytest.mark.parametrize("shape", [(1, 3, 32, 48), (2, 3, 37, 19)])
def test_features_equal_pytorchs(
    runtime: OrtExtractor, backbone: Backbone, border: Border, shape: tuple[int, ...]
) -> None:
    image = torch.rand(shape)
    ours, theirs = runtime(image, TAPS, border), backbone.extractor(image, TAPS, border)
    for tap in TAPS:
        assert ours[tap].dtype == torch.float32
        torch.testing.assert_close(ours[tap], theirs[tap], rtol=1e-4, atol=1e-4)


def test_only_the_taps_that_are_asked_for_come_back(runtime: OrtExtractor) -> None:
    assert set(runtime(torch.rand(1, 3, 16, 16), ["conv7", "conv2"])) == {"conv2", "conv7"}


def test_the_provider_in_use_is_reported(runtime: OrtExtractor) -> None:
    assert runtime.provider == "CPUExecutionProvider"


def test_cuda_is_asked_for_first_where_the_runtime_has_it(random_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    class Session:
        def __init__(self, path: Path, options: object, providers: list[Any]) -> None:
            asked.extend(providers)

        def get_providers(self) -> list[str]:
            return ["CPUExecutionProvider"]  # as on a machine where the CUDA provider fails to start

    monkeypatch.setattr(onnxruntime, "InferenceSession", Session)
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: None, raising=False)
    monkeypatch.setattr(
        onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"]
    )
    assert OrtExtractor(random_model, "cuda:1").provider == "CPUExecutionProvider"
    name, options = asked[0]
    assert (name, options["device_id"], asked[1]) == ("CUDAExecutionProvider", "1", "CPUExecutionProvider")


def test_a_file_that_cannot_be_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.onnx"
    path.write_bytes(b"no model")
    with pytest.raises(ModelError, match="ONNX Runtime can't run"):
        OrtExtractor(path)


def test_the_file_knows_no_wrapping_and_says_so(runtime: OrtExtractor) -> None:
    with pytest.raises(ModelError, match='The model file knows no border "wrap"'):
        runtime(torch.rand(1, 3, 16, 16), ["conv2"], "wrap")
