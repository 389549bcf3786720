"""Publish the studio as a Hugging Face Space: `python -m export.space [--push OWNER/NAME]`.

Spaces.yaml holds the Space's settings.  Hugging Face reads them from the block on top of README.md, which is written
from it; `--push` creates the Space or brings it up to date, with the files that it needs and no others.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nst.errors import NstError

ROOT = Path(__file__).parent.parent

PATTERNS = (
    "app.py",
    "requirements.txt",
    "Spaces.yaml",
    "README.md",
    "LICENSE",
    "nst/**/*.py",
    "export/**/*.py",
    "nst/network/fingerprint.json",
    "models/README.md",
    "examples/**/*.jpg",
    "examples/**/*.png",
    "examples/**/*.webp",
    "examples/layers/layers.json",
    "examples/CREDITS.md",
    "bench/results/*.svg",
)
"""What a Space needs; tests, benchmarks and whatever else lies here stay at home."""

MODEL = "models/vgg16_bn.onnx"

_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n+", re.DOTALL)

_WHY = {
    401: "the Hub does not know who you are: log in with `hf auth login`, or set HF_TOKEN to a token that may write.",
    402: "it costs more than the account has: choose other hardware, or add a payment method on the Hub.",
    403: "your token may not do that: it needs the right to write, and {name} must be yours or your organization's.",
    404: "there is no such account, or your token may not see it: check the name {name}.",
    409: "the name {name} is taken by something else: choose another.",
    413: "it is larger than the account's quota admits.",
    429: "the Hub asks for patience: too many requests; try again in some minutes.",
}
"""HTTP status -> what it means here."""


class SpaceError(NstError):
    """The Space can't be described or published; the message says why and what to do."""


@dataclass(frozen=True)
class Space:
    """A Space on the Hub.  name: OWNER/NAME."""

    name: str
    private: bool = False
    hardware: str | None = None
    with_model: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", self.name):
            raise SpaceError(f"A Space's name is OWNER/NAME, not {self.name!r}.")
        if self.with_model and not (ROOT / MODEL).is_file():
            raise SpaceError(f"There is no {MODEL} to upload: make it with `python -m export`.")

    def push(self, say: Callable[[str], None] = print) -> str:
        """Create or update it; returns its address.  Raises SpaceError."""
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

        api = HfApi()
        with _explained(self.name):
            api.create_repo(self.name, repo_type="space", space_sdk="gradio", private=self.private, exist_ok=True)
            files = space_files(with_model=self.with_model)
            stale = set(api.list_repo_files(self.name, repo_type="space")) - {*files, ".gitattributes"}
            say(f"Bringing {len(files)} files to {self.name} ...")
            api.create_commit(
                self.name,
                [CommitOperationAdd(name, ROOT / name) for name in files]
                + [CommitOperationDelete(name) for name in sorted(stale)],
                commit_message="Pastiche, from its repository",
                repo_type="space",
            )
            if self.hardware:
                api.request_space_hardware(self.name, self.hardware)  # type: ignore[arg-type]
        return f"{api.endpoint}/spaces/{self.name}"


def settings() -> dict[str, Any]:
    """What Spaces.yaml says."""
    import yaml

    found = yaml.safe_load((ROOT / "Spaces.yaml").read_text())
    if not isinstance(found, dict):
        raise SpaceError("Spaces.yaml holds no settings.")
    return found


def with_front_matter(readme: str, block: str) -> str:
    """A README with this YAML block on top, in place of one that is there; all else stays as it is."""
    return f"---\n{block.strip()}\n---\n\n{_FRONT_MATTER.sub('', readme)}"


def write_front_matter() -> bool:
    """Bring README.md's block up to date; true if that changed it."""
    path = ROOT / "README.md"
    before = path.read_text()
    after = with_front_matter(before, (ROOT / "Spaces.yaml").read_text())
    path.write_text(after)
    return after != before


def space_files(*, with_model: bool = False) -> dict[str, int]:
    """Path from the project's root -> bytes, of all that a Space gets."""
    found = {path for pattern in PATTERNS for path in ROOT.glob(pattern) if "__pycache__" not in path.parts}
    if with_model:
        found.add(ROOT / MODEL)
    return {path.relative_to(ROOT).as_posix(): path.stat().st_size for path in sorted(found)}


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Errors of the Hub's client as one sentence."""
    from httpx2 import TransportError
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError, OfflineModeIsEnabled

    try:
        yield
    except LocalTokenNotFoundError:
        raise SpaceError(f"{name} was not published: {_WHY[401]}") from None
    except OfflineModeIsEnabled:
        raise SpaceError(f"{name} was not published: HF_HUB_OFFLINE is set.") from None
    except HfHubHTTPError as error:
        why = _WHY.get(error.response.status_code, f"the Hub answered {error.response.status_code}.")
        said = f" The Hub says: {error.server_message}" if error.server_message else ""
        raise SpaceError(f"{name} was not published: {why.format(name=name)}{said}") from None
    except (TransportError, OSError) as error:
        raise SpaceError(f"{name} was not published: the Hub can't be reached ({type(error).__name__}).") from None


def main(arguments: list[str] | None = None) -> int:
    """Write the block; with --push, publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--push", metavar="OWNER/NAME", help="create the Space or bring it up to date")
    parser.add_argument("--private", action="store_true", help="seen by its owner alone, when it is created")
    parser.add_argument("--hardware", help="such as cpu-basic, zero-a10g, t4-small (default: as it is)")
    parser.add_argument("--with-model", action="store_true", help=f"upload {MODEL} too, else the Space makes its own")
    parser.add_argument("--dry-run", action="store_true", help="say what would be uploaded, and do nothing")
    options = parser.parse_args(arguments)
    try:
        space = options.push and Space(options.push, options.private, options.hardware, options.with_model)
        if options.dry_run:
            _say_plan(space, with_model=options.with_model)
            return 0
        print("README.md: front matter", "written." if write_front_matter() else "as Spaces.yaml has it.")
        if space:
            print(space.push())
    except SpaceError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _say_plan(space: Space | None, *, with_model: bool) -> None:
    files = space_files(with_model=with_model)
    for name, size in files.items():
        print(f"{size:>10,}  {name}")
    print(f"{sum(files.values()):>10,}  bytes in {len(files)} files")
    for name, value in settings().items():
        print(f"{name}: {value}")
    if space:
        private = "private" if space.private else "public"
        hardware = space.hardware or "as it is"
        where = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
        print(f"to: {space.name} on {where}, {private} if it is new; hardware: {hardware}")


if __name__ == "__main__":
    sys.exit(main())
