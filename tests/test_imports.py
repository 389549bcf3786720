"""How the house hangs together: imports point one way, and nothing heavy is loaded before it is needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import nst

ROOT = Path(__file__).parent.parent


PACKAGES = ("nst", "nst/ui", "export")


def imports_of(path: Path, top_level_only: bool = False) -> set[str]:
    """Modules of this project that a file imports, as "nst.pictures.reading" or "nst.network.build"."""
    found: set[str] = set()
    tree = ast.parse(path.read_text())
    package = ".".join(path.parent.relative_to(ROOT).parts)
    for node in tree.body if top_level_only else ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            home = package if node.level == 1 else package.rpartition(".")[0]
            names = [node.module] if node.module else [alias.name for alias in node.names]
            found |= {f"{home}.{name}" for name in names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in ("nst", "export"):
            found.add(node.module)
    return found


def files(package: str) -> list[Path]:
    return sorted((ROOT / package).glob("*.py"))


def test_no_import_cycle() -> None:
    graph = {
        f"{package.replace('/', '.')}.{path.stem}": imports_of(path)
        for package in PACKAGES
        for path in files(package)
        if path.stem not in ("__init__", "__main__")
    }
    TopologicalSorter(graph).prepare()


def test_the_core_knows_nothing_of_the_export_but_the_command_line() -> None:
    paths = [*files("nst"), *files("nst/ui")]
    guilty = [p.name for p in paths if any(name.startswith("export") for name in imports_of(p))]
    assert guilty == ["cli.py"]


def test_the_core_knows_nothing_of_the_page() -> None:
    assert [p.name for p in files("nst") if any(name.startswith("nst.ui") for name in imports_of(p))] == []


@pytest.mark.parametrize("module", ["nst", "nst.recipe", "nst.cli.main", "nst.errors", "export", "app"])
def test_nothing_heavy_is_loaded_at_import(module: str) -> None:
    heavy = "torch", "numpy", "PIL", "onnx", "onnxruntime", "huggingface_hub", "gradio"
    code = f"import sys, {module}; print(sorted(set({heavy}) & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, text=True)
    assert result.stdout == "[]\n"


def test_every_public_name_can_be_had() -> None:
    for name in nst.__all__:
        assert getattr(nst, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'stylise'"):
        _ = nst.stylise


def test_no_file_is_longer_than_one_can_read() -> None:
    long = {p.name: n for package in PACKAGES for p in files(package) if (n := len(p.read_text().splitlines())) > 400}
    assert long == {}
