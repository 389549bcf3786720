"""Publish the studio as a Hugging Face Space: `python -m export.space [--push OWNER/NAME]`.

Spaces.yaml holds the Space's settings.  Hugging Face reads them from the block on top of README.md, which is written
from it; `--push` creates the Space or brings it up to date, with the files that it needs and that git tracks.  Files
that are on the Space but not in this project are deleted only on request.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from nst.errors import NstError
from nst.network.say import Say
from nst.network.sources.patience import promptly

from .front_matter import settings, write_front_matter
from .hub_errors import HubError, explained, require_name
from .space_files import MODEL, ROOT, SpaceFiles, space_files

KEPT = (".gitattributes",)
"""What the Hub itself puts into every Space."""

GLANCE = 5.0
"""Seconds that a dry run waits for the Hub; left alone, its client keeps trying for half a minute."""

PUSH_PATIENCE = 60.0
"""Seconds that a push waits for the list of what is on the Space, without which it must not go on."""

Choose = Callable[[Sequence[str]], Sequence[str]]
"""Which of the files that are on the Space but not in this project are to be deleted."""


@dataclass(frozen=True)
class Space:
    """A Space on the Hub.  name: OWNER/NAME."""

    name: str

    def __post_init__(self) -> None:
        require_name(self.name, "Space")

    def foreign_files(self, files: SpaceFiles, patience: float = GLANCE) -> list[str] | None:
        """What is there and not among these; None where there is no such Space, or none that this token may see.

        patience: seconds.  Raises HubError when the Hub can't be asked.
        """
        from huggingface_hub import HfApi
        from huggingface_hub.errors import RepositoryNotFoundError

        with explained(self.name, f"{self.name} can't be looked at"):
            try:
                there = promptly(lambda: HfApi().list_repo_files(self.name, repo_type="space"), patience)
            except RepositoryNotFoundError:
                return None
        return sorted(set(there) - {*files.sizes, *KEPT})

    def push(
        self, files: SpaceFiles, choose: Choose, say: Say = print, *, private: bool = False, hardware: str | None = None
    ) -> str:
        """Create or update it; returns its address.

        choose: asked before anything is deleted.  private: if it is new.  hardware: default as it is.
        Raises HubError.
        """
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

        api = HfApi()
        with explained(self.name, f"{self.name} was not published"):
            api.create_repo(self.name, repo_type="space", space_sdk="gradio", private=private, exist_ok=True)
        foreign = self.foreign_files(files, PUSH_PATIENCE) or []
        doomed = choose(foreign) if foreign else []
        if spared := [name for name in foreign if name not in doomed]:
            say(f"Kept on the Space, though not in this project (--prune deletes them): {', '.join(spared)}")
        say(f"Bringing {len(files.sizes)} files to {self.name} ...")
        with explained(self.name, f"{self.name} was not published"):
            api.create_commit(
                self.name,
                [CommitOperationAdd(name, ROOT / name) for name in files.sizes]
                + [CommitOperationDelete(name) for name in doomed],
                commit_message="Gramarye, from its repository",
                repo_type="space",
            )
            if hardware:
                api.request_space_hardware(self.name, hardware)  # type: ignore[arg-type]
        return f"{api.endpoint}/spaces/{self.name}"


def main(arguments: list[str] | None = None) -> int:
    """Write the block; with --push, publish; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        space = Space(options.push) if options.push else None
        files = space_files(with_model=options.with_model)
        if options.dry_run:
            _say_plan(space, files, options)
            return 0
        print("README.md: front matter", "written." if write_front_matter() else "as Spaces.yaml has it.")
        if space:
            _say_untracked(files)
            choose = partial(chosen_deletions, prune=options.prune, ask=_ask)
            print(space.push(files, choose, private=options.private, hardware=options.hardware))
    except NstError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--push", metavar="OWNER/NAME", help="create the Space or bring it up to date")
    parser.add_argument("--private", action="store_true", help="seen by its owner alone, when it is created")
    parser.add_argument("--hardware", help="such as cpu-basic, zero-a10g, t4-small (default: as it is)")
    parser.add_argument("--with-model", action="store_true", help=f"upload {MODEL} too, else the Space makes its own")
    parser.add_argument(
        "--prune", action="store_true", help="delete what is on the Space but not in this project, without asking"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be uploaded and deleted, and do nothing")
    return parser


def chosen_deletions(foreign: Sequence[str], *, prune: bool, ask: Callable[[Sequence[str]], bool]) -> Sequence[str]:
    """All of them with --prune; otherwise those that a person agrees to, and never a model that was uploaded."""
    if prune:
        return foreign
    others = [name for name in foreign if name != MODEL]
    return others if others and ask(others) else []


def _ask(names: Sequence[str]) -> bool:
    """Whether a person at a terminal says yes; without a terminal the answer is no."""
    if not sys.stdin.isatty():
        return False
    print("On the Space, but not in this project:", *names, sep="\n  ")
    return input(f"Delete {len(names)} there? [y/N] ").strip().lower() in ("y", "yes")


def _say_untracked(files: SpaceFiles) -> None:
    if files.untracked:
        print(f"Not uploaded, as git does not track them: {', '.join(files.untracked)}")


def _say_plan(space: Space | None, files: SpaceFiles, options: argparse.Namespace) -> None:
    for name, size in files.sizes.items():
        print(f"{size:>10,}  {name}")
    print(f"{sum(files.sizes.values()):>10,}  bytes in {len(files.sizes)} files")
    _say_untracked(files)
    print(settings().strip())
    if space:
        private, hardware = "private" if options.private else "public", options.hardware or "as it is"
        where = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
        print(f"to: {space.name} on {where}, {private} if it is new; hardware: {hardware}")
        _say_deletions(space, files, prune=options.prune)


def _say_deletions(space: Space, files: SpaceFiles, *, prune: bool) -> None:
    try:
        foreign = space.foreign_files(files)
    except HubError as error:
        print(f"deletions: unknown, as {error}")
        return
    if foreign is None:
        print("deletions: none, as there is no such Space yet, or it is hidden from you")
        return
    for name in foreign:
        if prune:
            print(f"deletes: {name}")
        else:
            print(f"keeps: {name}" if name == MODEL else f"asks whether to delete: {name}")
    if not foreign:
        print("deletions: none")


if __name__ == "__main__":
    sys.exit(main())
