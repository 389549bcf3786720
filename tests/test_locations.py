"""Where the model and the examples lie: in a checkout, on a Space, and where the package is installed without one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nst.locations import EXAMPLES, checkout, model_path

ROOT = Path(__file__).parent.parent


def test_in_a_checkout_both_lie_at_its_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NST_MODEL", raising=False)
    assert checkout() == ROOT
    assert model_path() == ROOT / "models" / "vgg16_bn.onnx"
    assert EXAMPLES == ROOT / "examples"
    assert (EXAMPLES / "content" / "colosseum.jpg").is_file()


def test_nst_model_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NST_MODEL", "/somewhere/else.onnx")
    assert model_path() == Path("/somewhere/else.onnx")


def test_an_empty_nst_model_names_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NST_MODEL", "")
    assert model_path() == ROOT / "models" / "vgg16_bn.onnx"


def locations_of(folder: Path, cache: Path) -> list[str]:
    """Model path and examples of a copy of the package in this folder, asked from elsewhere."""
    (folder / "nst").mkdir(parents=True)
    for name in ("__init__.py", "locations.py"):
        shutil.copy(ROOT / "nst" / name, folder / "nst" / name)
    code = "from nst.locations import EXAMPLES, model_path; print(model_path()); print(EXAMPLES)"
    environment = {name: value for name, value in os.environ.items() if name not in ("NST_MODEL", "PYTHONPATH")}
    environment |= {"PYTHONPATH": str(folder), "XDG_CACHE_HOME": str(cache), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=folder.parent, env=environment, check=True, capture_output=True, text=True
    )
    return run.stdout.splitlines()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have no variable for the cache folder")
def test_an_installed_package_has_its_examples_inside_and_the_model_in_the_users_cache(tmp_path: Path) -> None:
    site = tmp_path / "site-packages"
    model, examples = locations_of(site, tmp_path / "cache")
    assert Path(model) == tmp_path / "cache" / "gramarye" / "vgg16_bn.onnx"
    assert Path(examples) == site / "nst" / "examples"


def test_a_space_is_a_checkout_without_git(tmp_path: Path) -> None:
    space = tmp_path / "app"
    space.mkdir()
    shutil.copy(ROOT / "Spaces.yaml", space)
    model, examples = locations_of(space, tmp_path / "cache")
    assert Path(model) == space / "models" / "vgg16_bn.onnx"
    assert Path(examples) == space / "examples"
