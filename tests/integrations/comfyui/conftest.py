"""ComfyUI's stand-in, and the nodes as it imports them: copied into its folder, by their path."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integrations.comfyui.comfy_stand_in import ComfyStandIn, load_custom_node

FOLDER = Path(__file__).parents[3] / "integrations" / "comfyui"


@pytest.fixture
def comfy(monkeypatch: pytest.MonkeyPatch) -> ComfyStandIn:
    comfy = ComfyStandIn()
    for name, module in comfy.modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    return comfy


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The folder of the nodes as it lies in ComfyUI, in a path with a dot."""
    folder = tmp_path / "ComfyUI_0.9" / "custom_nodes" / "gramarye"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture
def nodes(
    comfy: ComfyStandIn, installed: Path, random_model: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Any]]:
    """Name -> class of a node, with a model of random weights."""
    monkeypatch.setenv("NST_MODEL", str(random_model))
    before = set(sys.modules)
    module = load_custom_node(installed)
    yield module.NODE_CLASS_MAPPINGS
    for name in set(sys.modules) - before:
        if name.startswith(module.__name__):
            del sys.modules[name]
