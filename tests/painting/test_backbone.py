"""The network made ready, once for all who ask for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nst.network.device import choose
from nst.painting import backbone
from nst.painting.backbone import shared_backbone


@pytest.mark.usefixtures("folder")
def test_the_shared_one_is_the_same_under_all_of_its_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a replay asks for what a picture was made with, where its making had asked for the best."""
    monkeypatch.setattr(backbone, "_shared", {})
    best = choose()
    assert shared_backbone() is shared_backbone(str(best.device), best.precision)
    assert shared_backbone("cpu", "fp32") is shared_backbone("cpu", "fp32")
    assert shared_backbone("cpu", "fp32") is not shared_backbone("cpu", "bf16")


def test_another_model_file_is_another_one(folder: Path, monkeypatch: pytest.MonkeyPatch, random_model: Path) -> None:
    monkeypatch.setattr(backbone, "_shared", {})
    first = shared_backbone("cpu", "fp32")
    copy = folder / "copy.onnx"
    copy.write_bytes(random_model.read_bytes())
    monkeypatch.setenv("NST_MODEL", str(copy))
    assert shared_backbone("cpu", "fp32") is not first
