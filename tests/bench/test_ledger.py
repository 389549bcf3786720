from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.judge import Figures
from bench.ledger import Ledger
from bench.results import results_path
from nst.recipe import Recipe

FAST, BALANCED = Recipe.preset("fast"), Recipe.preset("balanced")


def figures(value: float) -> dict[str, float]:
    return dict.fromkeys(Figures._fields, value)


def opened(folder: Path, any_version: bool = False) -> Ledger:
    return Ledger("trial", ("size",), any_version=any_version, folder=folder)


def test_a_row_is_taken_up_again_where_it_was_left(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    ledger.add(ledger.row(FAST, size=64), "cat-waves", figures(0.5), 3.0, "here")
    again = opened(tmp_path)
    row = again.row(FAST, size=64)
    again.add(row, "boat-waves", figures(0.7), 5.0, "here")
    assert list(row.each) == ["cat-waves", "boat-waves"]
    assert again.row(FAST, size=128).each == {}


def test_what_another_recipe_painted_does_not_count_but_is_kept(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    ledger.add(ledger.row(FAST, size=64), "cat-waves", figures(0.5), 3.0, "here")
    other = opened(tmp_path)
    row = other.row(BALANCED, size=64)
    assert row.each == {}
    other.add(row, "cat-waves", figures(0.6), 3.0, "here")
    assert opened(tmp_path).row(FAST, size=64).each["cat-waves"]["style"] == 0.5
    assert opened(tmp_path).row(BALANCED, size=64).each["cat-waves"]["style"] == 0.6
    assert opened(tmp_path, any_version=True).row(FAST, size=64).each["cat-waves"]["style"] == 0.6


def test_the_file_says_means_and_intervals_one_row_a_line(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    row = ledger.row(FAST, size=64)
    for pair, value, seconds in (("x", 0.25, 1), ("y", 0.75, 2), ("z", 0.5, 9)):
        ledger.add(row, pair, figures(value), seconds, "here")
    text = results_path("trial", tmp_path).read_text()
    content = json.loads(text)
    (saved,) = content["rows"]
    assert content["on"] == "here"
    assert (saved["size"], saved["pairs"], saved["seconds"]) == (64, 3, 2)
    assert saved["color"] == 0.5
    assert saved["intervals"]["color"] == [pytest.approx(0.25, abs=0.1), pytest.approx(0.75, abs=0.1)]
    assert sum('"size": 64' in line for line in text.splitlines()) == 1


def test_rows_in_the_form_of_before_are_passed_over(tmp_path: Path) -> None:
    path = results_path("trial", tmp_path)
    path.write_text(json.dumps({"rows": [{"size": 64, "style": 0.1, "each": [[0.1, 0.2]]}]}))
    assert opened(tmp_path).row(FAST, size=64).each == {}


def test_a_figure_that_a_rows_pictures_do_not_have_has_no_mean(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    row = ledger.row(FAST, size=64)
    ledger.add(row, "brick", {"style": 0.5, "color": 0.25}, 3.0, "here")
    assert {name: mean.value for name, mean in row.means().items()} == {"style": 0.5, "color": 0.25}


def test_what_another_ledger_of_the_same_file_noted_meanwhile_stays(tmp_path: Path) -> None:
    one, two = opened(tmp_path), opened(tmp_path)
    one.add(one.row(FAST, size=64), "cat-waves", figures(0.5), 3.0, "here")
    two.add(two.row(FAST, size=64), "boat-waves", figures(0.7), 3.0, "here")
    two.add(two.row(BALANCED, size=64), "boat-waves", figures(0.9), 3.0, "here")
    one.add(one.row(FAST, size=64), "boat-night", figures(0.6), 3.0, "here")
    assert set(opened(tmp_path).row(FAST, size=64).each) == {"cat-waves", "boat-waves", "boat-night"}
    assert set(opened(tmp_path).row(BALANCED, size=64).each) == {"boat-waves"}
