"""Which content meets which style, and what their picture is called."""

from __future__ import annotations

import re
from itertools import permutations
from pathlib import Path

import pytest

from nst.errors import OutputError, UsageError
from nst.serving.pairs import Pair, PairMode, in_order, pair_up

OUT = Path("out")


@pytest.fixture(autouse=True)
def _working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def paired(contents: list[str], styles: list[str], mode: PairMode = "all") -> list[Pair]:
    return pair_up(list(map(Path, contents)), list(map(Path, styles)), OUT, mode)


def names(contents: list[str], styles: list[str], mode: PairMode = "all") -> list[str]:
    return [pair.name for pair in paired(contents, styles, mode)]


def by_inputs(pairs: list[Pair]) -> dict[tuple[str, str], str]:
    return {(str(pair.content), str(pair.style)): pair.name for pair in pairs}


def files(**contents: str) -> None:
    """Files of a folder each, named cat.png, with these contents."""
    for folder, content in contents.items():
        Path(folder).mkdir()
        Path(folder, "cat.png").write_text(content)


def test_each_content_is_painted_in_each_style_style_by_style() -> None:
    pairs = paired(["p/cat.jpg", "p/dog.png"], ["s/waves.jpg", "s/stars.webp"])
    assert [pair.name for pair in pairs] == ["cat-waves", "dog-waves", "cat-stars", "dog-stars"]
    assert pairs[0] == Pair(Path("p/cat.jpg"), Path("s/waves.jpg"), Path("out/cat-waves.png"))


def test_zipped_the_first_meets_the_first_and_a_style_stays_together() -> None:
    assert names(["a", "b", "c"], ["x", "y", "x"], "zip") == ["a-x", "c-x", "b-y"]


def test_zipped_there_are_as_many_of_both() -> None:
    with pytest.raises(UsageError, match="as many contents as styles, but there are 2 and 1"):
        paired(["a", "b"], ["x"], "zip")


def test_a_pair_that_comes_twice_is_painted_once() -> None:
    assert names(["a", "./a", "p/../a", "b"], ["x"]) == ["a-x", "b-x"]
    assert names(["a", "a", "b"], ["x", "x", "x"], "zip") == ["a-x", "b-x"]


def test_names_that_clash_get_a_digest_and_the_others_none() -> None:
    files(p="one", q="two")
    there = names(["p/cat.png", "q/cat.png", "dog.png"], ["waves.png"])
    assert all(re.fullmatch(r"cat-waves\.[0-9a-f]{12}", name) for name in there[:2])
    assert len(set(there)) == 3
    assert there[2] == "dog-waves"


def test_inputs_of_different_names_may_clash_as_well() -> None:
    assert len(set(names(["a-b", "a"], ["c", "b-c"]))) == 4
    assert len({name.casefold() for name in names(["p/Cat.png", "q/cat.png"], ["x"])}) == 2
    assert len(set(names(["p/caf\u00e9.png", "q/cafe\u0301.png"], ["x"]))) == 2


def test_no_name_depends_on_the_order_of_the_rest() -> None:
    files(p="one", q="two", r="two")
    contents = ["p/cat.png", "q/cat.png", "r/cat.png", "cat-a.png"]
    first = by_inputs(paired(contents, ["x", "a-x"]))
    assert len(set(first.values())) == 8
    for order in permutations(contents):
        assert by_inputs(paired(list(order), ["a-x", "x"])) == first


def test_a_digest_is_that_of_the_files_wherever_they_lie() -> None:
    files(p="one", q="two")
    before = names(["p/cat.png", "q/cat.png"], ["x"])
    Path("moved").mkdir()
    Path("p").rename("moved/p")
    assert names(["moved/p/cat.png", "q/cat.png"], ["x"]) == before


def test_files_that_are_the_same_or_not_there_have_names_of_their_own() -> None:
    files(p="one", q="one")
    assert len(set(names(["p/cat.png", "q/cat.png", "r/cat.png", "s/cat.png"], ["x"]))) == 4


def test_a_long_name_is_cut_and_stays_one_of_its_own() -> None:
    long = "ö" * 110
    there = names([f"{long}a.png", f"{long}b.png", "c.png"], ["ü" * 100])
    assert len(set(there)) == 3
    assert all(len(name.encode()) < 250 for name in there)


@pytest.mark.parametrize("content", ["out/cat.png", "./out/cat.png", "p/../out/cat.png"])
def test_an_input_beside_the_pictures_is_refused(content: str) -> None:
    for contents, styles in (([content], ["x"]), (["x"], [content])):
        with pytest.raises(OutputError, match="lies where the pictures go"):
            paired(contents, styles)
    assert names(["out/deeper/cat.png"], ["x"]) == ["cat-x"]


def test_paths_come_each_once_in_their_order() -> None:
    assert in_order(map(Path, "bab")) == [Path("b"), Path("a")]
