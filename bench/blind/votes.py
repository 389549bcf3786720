"""Votes, kept in a file after each."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .interval import wilson
from .trials import Choice, Side, Trial


@dataclass(frozen=True)
class Tally:
    """How many pairs were decided for each folder, and for neither."""

    a: int
    b: int
    none: int

    def __str__(self) -> str:
        count = self.a + self.b + self.none
        if not count:
            return "No votes yet."
        low, high = wilson(self.b, count)
        share = f"{self.b / count:.0%}, 95 % interval {low:.0%} to {high:.0%}"
        return f"B was chosen in {self.b} of {count} pairs ({share}), A in {self.a}, neither in {self.none}."


class Votes:
    """For whom each pair was decided, by the pictures' name; for two folders and one order."""

    def __init__(self, path: Path, a: Path, b: Path, seed: int | None = None) -> None:
        """Goes on with the file where there is one, else begins it, with this seed or a random one.

        Raises SystemExit where the file is no file of votes, or is of other folders or of another seed.
        """
        self._path = path
        self._content = _read(path) if path.is_file() else {"a": str(a), "b": str(b), "seed": seed, "votes": {}}
        if (self._content["a"], self._content["b"]) != (str(a), str(b)):
            folders = f"{self._content['a']} and {self._content['b']}"
            raise SystemExit(f"The votes in {path} are on {folders}: name another file with --votes.")
        if self._content["seed"] is None:
            self._content["seed"] = random.SystemRandom().randrange(2**32)
        if seed not in (None, self.seed):
            raise SystemExit(f"The votes in {path} were begun with --seed {self.seed}, which their order depends on.")
        self._save()

    @property
    def seed(self) -> int:
        """Of the order and the sides."""
        seed: int = self._content["seed"]
        return seed

    def of(self, trial: Trial) -> Choice | None:
        """None where nobody has voted yet."""
        choice: Choice | None = self._content["votes"].get(trial.name)
        return choice

    def cast(self, trial: Trial, side: Side) -> None:
        """Note for whom it is decided, and save.  A later vote replaces an earlier one."""
        self._content["votes"][trial.name] = trial.chosen(side)
        self._save()

    def next(self, trials: Sequence[Trial]) -> Trial | None:
        """The first that has no vote yet."""
        return next((trial for trial in trials if self.of(trial) is None), None)

    def tally(self, trials: Sequence[Trial]) -> Tally:
        """Of these pairs."""
        choices = [self.of(trial) for trial in trials]
        return Tally(choices.count("a"), choices.count("b"), choices.count("none"))

    def _save(self) -> None:
        part = self._path.with_name(f"{self._path.name}.part")
        part.write_text(json.dumps(self._content, indent=1) + "\n")
        part.replace(self._path)


def _read(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text())
        if {"a", "b", "seed", "votes"} <= set(content):
            return content
    except (ValueError, TypeError):
        pass
    raise SystemExit(f"{path} is no file of votes: name another file with --votes.")
