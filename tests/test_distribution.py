"""The package that installs: what it declares is what it imports, and the wheel holds what runs without a checkout."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

DISTRIBUTION_OF = {"PIL": "pillow", "google": "protobuf", "yaml": "pyyaml"}
"""Import name -> distribution, where they differ by more than spelling."""

OF_AN_EXTRA = {"ray": "ray", "spaces": "zero-gpu"}
"""Distribution -> the extra that brings it, imported only where it is there."""


def declared(lines: Iterable[str]) -> dict[str, Requirement]:
    return {canonicalize_name(requirement.name): requirement for requirement in map(Requirement, lines)}


def pinned(file: str) -> dict[str, str]:
    """Distribution -> version, of a requirements file of `==` alone and those that it includes."""
    versions: dict[str, str] = {}
    for line in (ROOT / file).read_text().splitlines():
        if included := re.match(r"-r (\S+)", line):
            versions |= pinned(included[1])
        elif text := re.sub(r"(^|\s)#.*", "", line):
            (version,) = (requirement := Requirement(text)).specifier
            assert version.operator == "=="
            versions[canonicalize_name(requirement.name)] = version.version
    return versions


def imported(*places: str) -> set[str]:
    """The distributions behind all imports in a file or in those of a folder, wherever in a file they stand."""
    names: set[str] = set()
    for place in places:
        for path in [ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    names |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    names.add(str(node.module).partition(".")[0])
    ours = {"nst", "integrations", "export", "bench", "tests", "app", "__future__"}
    return {
        canonicalize_name(DISTRIBUTION_OF.get(name, name))
        for name in names - ours
        if name not in sys.stdlib_module_names
    }


def test_every_import_of_the_package_is_declared_and_nothing_else() -> None:
    base = set(declared(PROJECT["dependencies"]))
    extras = {name for name, extra in OF_AN_EXTRA.items() if name in declared(PROJECT["optional-dependencies"][extra])}
    assert imported("nst") - extras - {"mcp"} <= base  # which gradio[mcp] brings <= imported("nst", "app.py")


def test_every_other_import_is_declared_for_developers() -> None:
    known = {
        *declared(PROJECT["dependencies"]),
        *declared(PROJECT["optional-dependencies"]["dev"]),
        *OF_AN_EXTRA,
        "mcp",
    }
    assert imported("export", "bench", "tests") <= known
    assert imported("export", "bench", "tests") <= {*pinned("requirements-dev.txt"), "mcp"}


def test_what_runs_in_another_program_imports_only_that_the_package_and_what_the_package_has() -> None:
    base = set(declared(PROJECT["dependencies"]))
    assert imported("integrations/comfyui") - {"comfy"} <= base


def test_every_dependency_has_a_lower_and_an_upper_end() -> None:
    for requirement in declared(PROJECT["dependencies"]).values():
        assert {specifier.operator for specifier in requirement.specifier} == {">=", "<"}, requirement


def test_the_pinned_set_lies_within_the_ranges() -> None:
    extras = PROJECT["optional-dependencies"]
    ranges = declared([*PROJECT["dependencies"], *extras["gpu"], *extras["ray"], *extras["zero-gpu"], *extras["dev"]])
    versions = pinned("requirements-dev.txt")
    assert ranges.keys() - versions.keys() == {"gramarye"}  # its own extras
    for name, version in versions.items():
        assert version in ranges[name].specifier, name


def test_the_lock_holds_the_pinned_set_with_hashes_and_names_no_host() -> None:
    lock = (ROOT / "requirements-dev.lock").read_text()
    entries = re.findall(
        r"^(\S+?)(?:\[.*\])?==(\S+)((?: ; .*)? \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", lock, re.M
    )
    locked = {canonicalize_name(name): version for name, version, _ in entries}
    assert len(entries) == len(re.findall(r"^\w", lock, re.M))
    assert pinned("requirements-dev.txt").items() <= locked.items()
    assert not re.search(r"https?:|--(extra-)?index-url|--find-links", lock)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Built from a copy, so that the checkout stays as it is."""
    source = tmp_path_factory.mktemp("source")
    for name in ("nst", "examples", "integrations"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    command = [sys.executable, "-c", "import setuptools.build_meta as b; b.build_wheel('dist')"]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (path,) = (source / "dist").iterdir()
    return zipfile.ZipFile(path)


def test_the_wheel_holds_every_module_and_what_they_read(wheel: zipfile.ZipFile) -> None:
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "nst").rglob("*.py")}
    held = set(wheel.namelist())
    assert {name for name in held if name.endswith(".py")} == modules
    assert {"nst/py.typed", "nst/network/fingerprint.json", "nst/examples/CREDITS.md"} <= held
    assert {"nst/ui/languages/en.json", "nst/ui/languages/zh.json"} <= held


def test_the_wheel_holds_the_pictures_of_the_page(wheel: zipfile.ZipFile) -> None:
    for folder in ("content", "style", "mask", "finished", "layers"):
        here = {f"nst/examples/{folder}/{path.name}" for path in (ROOT / "examples" / folder).iterdir()}
        assert here <= set(wheel.namelist())
    assert "nst/examples/page.webp" not in wheel.namelist()  # the README's alone


def test_the_command_is_the_command_line_of_the_package(wheel: zipfile.ZipFile) -> None:
    (entry_points,) = (name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt"))
    assert wheel.read(entry_points).decode() == "[console_scripts]\ngramarye = nst.cli.main:main\n"
