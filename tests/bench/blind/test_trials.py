from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bench.blind.trials import shuffled

Folders = tuple[Path, Path]


def test_what_both_folders_have_is_shown_once_and_each_is_as_often_on_the_left(folders: Folders) -> None:
    trials = shuffled(*folders, seed=1)
    assert sorted(trial.name for trial in trials) == ["boat-waves.png", "cat-night.png", "cat-waves.png", "plain.png"]
    assert [trial.number for trial in trials] == [1, 2, 3, 4]
    assert Counter(trial.left for trial in trials) == {"a": 2, "b": 2}


def test_a_seed_says_the_order_and_the_sides(folders: Folders) -> None:
    assert shuffled(*folders, seed=1) == shuffled(*folders, seed=1)
    orders = {tuple(trial.name for trial in shuffled(*folders, seed)) for seed in range(40)}
    sides = {tuple(trial.left for trial in shuffled(*folders, seed)) for seed in range(40)}
    assert len(orders) > 10
    assert len(sides) == 6  # all ways to have two of four on the left


def test_a_vote_for_a_side_is_for_the_picture_that_is_there(folders: Folders) -> None:
    for trial in shuffled(*folders, seed=1):
        assert trial.picture("left").parent == folders[0 if trial.left == "a" else 1]
        assert trial.picture("left").parent.name == trial.chosen("left") == trial.left
        assert trial.picture("right").parent.name == trial.chosen("right") == trial.right
        assert trial.chosen("none") == "none"


def test_content_and_style_are_found_by_the_pictures_name(folders: Folders, examples: Path) -> None:
    by_name = {trial.name: trial for trial in shuffled(*folders, seed=1)}
    boat, night, plain = (by_name[name] for name in ("boat-waves.png", "cat-night.png", "plain.png"))
    assert boat.original("content", examples) == examples / "content" / "boat.jpg"
    assert boat.original("style", examples) == examples / "style" / "waves.jpg"
    assert night.original("style", examples) is None
    assert plain.original("content", examples) is None
    assert boat.original("content", None) is None


def test_folders_without_a_common_name_are_refused(folders: Folders, examples: Path) -> None:
    with pytest.raises(SystemExit, match="no pictures of the same name"):
        shuffled(folders[0], examples / "style", seed=1)
    with pytest.raises(SystemExit, match="nowhere is no folder"):
        shuffled(folders[0], Path("nowhere"), seed=1)
