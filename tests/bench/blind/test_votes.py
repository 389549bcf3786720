from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.blind.trials import shuffled
from bench.blind.votes import Tally, Votes

Folders = tuple[Path, Path]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "votes.json"


def test_votes_are_kept_and_taken_up_again(folders: Folders, file: Path) -> None:
    votes = Votes(file, *folders)
    trials = shuffled(*folders, votes.seed)
    votes.cast(trials[0], "left")
    votes.cast(trials[1], "none")
    again = Votes(file, *folders)
    assert again.seed == votes.seed
    assert again.of(trials[0]) == trials[0].left
    assert again.of(trials[1]) == "none"
    assert again.of(trials[2]) is None
    assert again.next(trials) is trials[2]


def test_votes_are_counted_for_folders_whatever_side_they_were_on(folders: Folders, file: Path) -> None:
    votes = Votes(file, *folders, seed=3)
    trials = shuffled(*folders, votes.seed)
    for trial in trials:
        votes.cast(trial, "left" if trial.left == "b" else "right")
    assert votes.tally(trials) == Tally(a=0, b=4, none=0)
    votes.cast(trials[0], "none")
    assert votes.tally(trials) == Tally(a=0, b=3, none=1)
    assert votes.next(trials) is None


def test_a_random_seed_is_not_the_same_each_time(folders: Folders, tmp_path: Path) -> None:
    assert len({Votes(tmp_path / f"{i}.json", *folders).seed for i in range(5)}) > 1


def test_the_tally_says_the_share_with_its_interval() -> None:
    sentence = "B was chosen in 17 of 24 pairs (71%, 95 % interval 51% to 85%), A in 5, neither in 2."
    assert str(Tally(a=5, b=17, none=2)) == sentence
    assert str(Tally(0, 0, 0)) == "No votes yet."


def test_votes_on_other_folders_are_left_alone(folders: Folders, file: Path) -> None:
    Votes(file, *folders)
    before = file.read_text()
    with pytest.raises(SystemExit, match="name another file with --votes"):
        Votes(file, folders[1], folders[0])
    assert file.read_text() == before


def test_another_seed_is_refused(folders: Folders, file: Path) -> None:
    Votes(file, *folders, seed=3)
    assert Votes(file, *folders, seed=3).seed == 3
    with pytest.raises(SystemExit, match="begun with --seed 3"):
        Votes(file, *folders, seed=4)


@pytest.mark.parametrize("text", ["no JSON", "[]", "1", json.dumps({"a": "x"})])
def test_a_file_that_holds_no_votes_is_left_alone(folders: Folders, file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(SystemExit, match="is no file of votes"):
        Votes(file, *folders)
    assert file.read_text() == text
