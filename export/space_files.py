"""Which files of this project a Space gets: what it needs to run, and of that only what git tracks."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nst.errors import NstError

ROOT = Path(__file__).parent.parent

PATTERNS = (
    "app.py",
    "requirements.txt",
    "Spaces.yaml",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/**/*.md",
    "integrations/comfyui/README.md",
    "nst/**/*.py",
    "nst/py.typed",
    "nst/network/fingerprint.json",
    "nst/ui/history_js/*.js",
    "nst/ui/languages/*.json",
    "models/README.md",
    "examples/**/*.jpg",
    "examples/**/*.png",
    "examples/**/*.webp",
    "examples/layers/layers.json",
    "examples/CREDITS.md",
    "bench/results/*.svg",
    "bench/results/*.webp",
)
"""What a Space needs, with the pages that its README links; everything else stays here."""

MODEL = "models/vgg16_bn.onnx"


class SpaceError(NstError):
    """It can't be said what a Space gets; the message says why and what to do."""


@dataclass(frozen=True)
class SpaceFiles:
    """sizes: path from the project's root -> bytes, of everything that goes to a Space.

    untracked: paths that fit `PATTERNS` but stay here, as git does not track them.
    """

    sizes: Mapping[str, int]
    untracked: tuple[str, ...] = ()


def space_files(root: Path = ROOT, *, with_model: bool = False) -> SpaceFiles:
    """What a checkout has for a Space; in a copy without git, everything that fits.

    with_model: the model file too, which git never tracks.  Raises SpaceError when git does not say what it tracks.
    """
    fitting = {
        path.relative_to(root).as_posix()
        for pattern in PATTERNS
        for path in root.glob(pattern)
        if "__pycache__" not in path.parts
    }
    tracked = _tracked(root)
    chosen = fitting if tracked is None else fitting & tracked
    if with_model:
        if not (root / MODEL).is_file():
            raise SpaceError(f"There is no {MODEL} to upload: make it with `python -m export`.")
        chosen = chosen | {MODEL}
    sizes = {name: (root / name).stat().st_size for name in sorted(chosen)}
    return SpaceFiles(sizes, tuple(sorted(fitting - chosen)))


def _tracked(root: Path) -> set[str] | None:
    """What git tracks; None where the project is no checkout of its own."""
    if not (root / ".git").exists():
        return None
    command = ["git", "-C", str(root), "ls-files", "-z"]
    try:
        listing = subprocess.run(command, check=True, capture_output=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise SpaceError(
            f"git can't say which files it tracks ({type(error).__name__}), and no others are uploaded: "
            "check that `git ls-files` works here."
        ) from None
    return set(listing.decode().split("\0"))
