from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.blind.__main__ import main

Folders = tuple[Path, Path]


def test_a_sheet_is_written_and_votes_by_its_numbers_are_counted(
    folders: Folders, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [*map(str, folders), "--votes", str(tmp_path / "votes.json")]
    main([*command, "--sheet", str(tmp_path / "sheet.png")])
    assert capsys.readouterr().out.endswith("sheet.png\nNo votes yet.\n")
    key = json.loads((tmp_path / "sheet.key.json").read_text())
    for_b = [f"{number}={'left' if sides['left'] == 'b' else 'right'}" for number, sides in key.items()]
    main([*command, "--cast", *for_b[:3], "4=none"])
    assert capsys.readouterr().out.startswith("B was chosen in 3 of 4 pairs (75%")


@pytest.mark.parametrize("vote", ["5=left", "1=up", "1", "left"])
def test_what_is_no_vote_is_refused_before_one_is_taken(folders: Folders, tmp_path: Path, vote: str) -> None:
    votes = tmp_path / "votes.json"
    with pytest.raises(SystemExit, match="write a number from 1 to 4"):
        main([*map(str, folders), "--votes", str(votes), "--cast", "1=left", vote])
    assert json.loads(votes.read_text())["votes"] == {}
