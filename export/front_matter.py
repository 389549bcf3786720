"""The block on top of README.md from which Hugging Face reads a Space's settings; Spaces.yaml is its source."""

from __future__ import annotations

import re

from .space_files import ROOT

_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n+", re.DOTALL)


def settings() -> str:
    """What Spaces.yaml says, as YAML."""
    return (ROOT / "Spaces.yaml").read_text()


def with_front_matter(readme: str, block: str) -> str:
    """A README with this YAML block on top, in place of one that is there; all else stays as it is."""
    return f"---\n{block.strip()}\n---\n\n{_FRONT_MATTER.sub('', readme)}"


def write_front_matter() -> bool:
    """Bring README.md's block up to date; true if that changed it."""
    path = ROOT / "README.md"
    before = path.read_text()
    after = with_front_matter(before, settings())
    path.write_text(after)
    return after != before
