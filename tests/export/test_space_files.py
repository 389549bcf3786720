"""Which files go to a Space: what it needs, and nothing that git does not track."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from export.space_files import PATTERNS, ROOT, SpaceError, space_files


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project in git, with a private photograph and a file of secrets that git does not track."""
    for name in ("app.py", "nst/wing/room.py", "examples/content/cat.jpg", "tests/test_app.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("tracked")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "--all")
    for name in ("nst/secrets.py", "examples/content/my family.jpg", "nst/__pycache__/x.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("private")
    return tmp_path


def test_only_what_the_space_needs_goes_there() -> None:
    files = set(space_files().sizes)
    assert {"app.py", "requirements.txt", "README.md", "nst/ui/page.py", "nst/network/fingerprint.json"} <= files
    assert not [name for name in files if re.match(r"tests|export|\.|.*\.(onnx|pyc|safetensors|env)$", name)]
    assert sum(space_files().sizes.values()) < 10_000_000
    assert all(any(ROOT.glob(pattern)) for pattern in PATTERNS)


def test_the_whole_package_goes_there() -> None:
    assert set(git(ROOT, "ls-files", "nst").split()) <= set(space_files().sizes)


def test_the_pictures_of_the_readme_go_there_too() -> None:
    shown = re.findall(r"(?:!\[[^]]*\]\((?!https:)|src=\")([\w./-]+)", (ROOT / "README.md").read_text())
    assert set(shown) <= set(space_files().sizes)


def test_what_git_does_not_track_stays_here_and_is_named(project: Path) -> None:
    files = space_files(project)
    assert files.sizes == {"app.py": 7, "examples/content/cat.jpg": 7, "nst/wing/room.py": 7}
    assert files.untracked == ("examples/content/my family.jpg", "nst/secrets.py")


def test_without_git_all_that_fits_goes(project: Path) -> None:
    (project / ".git").rename(project / "elsewhere")
    files = space_files(project)
    assert "nst/secrets.py" in files.sizes
    assert "nst/__pycache__/x.py" not in files.sizes
    assert files.untracked == ()


def test_a_project_inside_another_ones_checkout_is_no_checkout(project: Path) -> None:
    inner = project / "inner"
    inner.mkdir()
    (inner / "app.py").write_text("inner")
    assert set(space_files(inner).sizes) == {"app.py"}


@pytest.mark.parametrize("broken", ["no git", "no repository"])
def test_where_git_does_not_say_what_it_tracks_nothing_goes(
    project: Path, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if broken == "no git":
        monkeypatch.setenv("PATH", str(project))
    else:
        (project / ".git" / "HEAD").unlink()
    with pytest.raises(SpaceError, match=r"git can't say which files it tracks .* check that `git ls-files` works"):
        space_files(project)


def test_the_model_goes_only_on_request_and_only_if_it_is_there(project: Path) -> None:
    with pytest.raises(SpaceError, match=r"There is no models/vgg16_bn.onnx to upload: make it with"):
        space_files(project, with_model=True)
    (project / "models").mkdir()
    (project / "models" / "vgg16_bn.onnx").write_text("model")
    assert "models/vgg16_bn.onnx" not in space_files(project).sizes
    assert space_files(project, with_model=True).sizes["models/vgg16_bn.onnx"] == 5
