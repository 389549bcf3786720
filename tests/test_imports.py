"""How the house hangs together: imports point one way, wing by wing, and nothing heavy is loaded early."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path

import pytest

import nst

ROOT = Path(__file__).parent.parent

PACKAGES = ("nst", "integrations", "export", "bench")
"""In their order: each may import those before it."""

WINGS = ("pictures", "network", "painting", "learn", "serving", "ui", "cli")
"""In their order: each may import those before it, and the files that lie beside the wings."""

GROUND = (
    "errors", "version", "taps", "task", "setting", "recipe", "nearest_preset", "locations", "threads", "pages",
    "spoken_time",
)  # fmt: skip
"""The files beside the wings; they import one another alone."""


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(path: Path) -> set[str]:
    """Modules of this project that a file imports anywhere, as "nst.pictures.reading" or "export.space"."""
    package = ".".join(path.parent.relative_to(ROOT).parts)
    return {name for name in _imported(ast.parse(path.read_text()), package) if name.split(".")[0] in PACKAGES}


def _imported(tree: ast.AST, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = resolve_name("." * node.level + (node.module or ""), package)
            for alias in node.names:
                submodule = ROOT / Path(*module.split("."), f"{alias.name}.py")
                yield f"{module}.{alias.name}" if submodule.exists() else module


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def wing_of(module: str) -> str:
    """ "painting" for nst.painting.scene; "" for nst itself and the files beside the wings."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in WINGS else ""


def test_every_file_of_the_package_lies_in_a_wing_or_on_the_ground() -> None:
    beside = {path.stem for path in (ROOT / "nst").glob("*.py")} - {"__init__", "__main__"}
    assert beside <= set(GROUND)
    assert {path.parent.name for path in (ROOT / "nst").glob("*/__init__.py")} == set(WINGS)


@pytest.mark.parametrize("wing", WINGS)
def test_a_wing_imports_only_those_before_it(wing: str) -> None:
    allowed = WINGS[: WINGS.index(wing) + 1]
    upward = {
        f"{module_of(path)} imports {name}"
        for path in files(f"nst/{wing}")
        for name in imports_of(path)
        if name.startswith("nst.") and wing_of(name) not in ("", *allowed)
    }
    assert upward == set()


@pytest.mark.parametrize("name", GROUND)
def test_the_ground_imports_no_wing(name: str) -> None:
    assert {module for module in imports_of(ROOT / "nst" / f"{name}.py") if wing_of(module)} == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_never_imports_what_is_made_with_it(package: str) -> None:
    allowed = PACKAGES[: PACKAGES.index(package) + 1]
    upward = {
        f"{module_of(path)} imports {name}"
        for path in files(package)
        for name in imports_of(path)
        if name.split(".")[0] not in allowed
    }
    assert upward == set()


def test_no_file_imports_the_package_that_it_is_part_of() -> None:
    """Names are had from siblings: the package's own face would make a circle of every file."""
    faces = {"nst", *(f"nst.{wing}" for wing in WINGS)}
    guilty = [module_of(p) for p in files("nst") if p.stem != "__main__" and imports_of(p) & faces]
    assert guilty == []


def test_no_import_cycle() -> None:
    graph = {module_of(path): imports_of(path) for folder in PACKAGES for path in files(folder)}
    TopologicalSorter({name: imported for name, imported in graph.items() if name != "nst"}).prepare()


CLI_MODULES = [module_of(path) for path in files("nst/cli")]


@pytest.mark.parametrize("module", ["nst", "nst.recipe", "nst.errors", *CLI_MODULES, "export", "app"])
def test_nothing_heavy_is_loaded_at_import(module: str) -> None:
    heavy = "torch", "numpy", "PIL", "onnx", "onnxruntime", "huggingface_hub", "gradio"
    code = f"import sys, {module}; print(sorted(set({heavy}) & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, text=True)
    assert result.stdout == "[]\n"


PAINT = """
import sys
from nst.cli.main import main
arguments = sys.argv[1:]
assert main(arguments) == 0, "it was not painted"
print(sorted({module.partition(".")[0] for module in sys.modules} & set(%r)))
"""


def test_a_painting_in_bf16_loads_nothing_that_is_for_the_page_for_fp32_or_for_downloads(
    tmp_path: Path, random_model: Path
) -> None:
    heavy = (
        "gradio",
        "fastapi",
        "pandas",
        "onnxruntime",
        "torchvision",
        "matplotlib",
        "scipy",
        "huggingface_hub",
        "mcp",
    )
    examples = ROOT / "examples"
    inputs = [str(examples / "content" / "colosseum.jpg"), str(examples / "style" / "starry_night.jpg")]
    recipe = ["--size", "32", "--start-size", "0", "--first-steps", "1", "--device", "cpu", "--precision", "bf16"]
    done = subprocess.run(
        [sys.executable, "-c", PAINT % (heavy,), "stylize", *inputs, "-o", str(tmp_path / "out.png"), *recipe],
        check=True, cwd=ROOT, env=os.environ | {"NST_MODEL": str(random_model)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout == "[]\n"


def test_every_public_name_can_be_had() -> None:
    for name in nst.__all__:
        assert getattr(nst, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'stylise'"):
        _ = nst.stylise


def test_no_file_is_longer_than_one_can_read() -> None:
    paths = [path for folder in ("nst", "integrations", "export") for path in files(folder)]
    assert {path.name: n for path in paths if (n := len(path.read_text().splitlines())) > 400} == {}
