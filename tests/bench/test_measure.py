"""The loop that paints and judges, with random networks."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.judge import Figures, Judge
from bench.ledger import Ledger
from bench.measure import PairAssignment, measure, rows_of
from bench.results import results_path
from nst.painting.backbone import Backbone
from nst.pictures.picture import Picture
from nst.pictures.writing import save_image
from nst.recipe import Recipe

RECIPE = Recipe.preset("fast", size=48, start_size=0, first_steps=1)


class ConstantJudge(Judge):
    """Says 1 to everything."""

    def __init__(self) -> None: ...

    def __call__(self, picture: Picture, content: Picture, style: Picture) -> Figures:
        return Figures(*[1.0] * len(Figures._fields))


@pytest.fixture
def examples(tmp_path: Path, content: Picture, style: Picture) -> Path:
    for kind, picture in (("content/cat", content), ("style/waves", style), ("style/night", style)):
        path = tmp_path / "examples" / f"{kind}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        save_image(picture, path)
    return tmp_path / "examples"


def assigned(ledger: Ledger) -> list[PairAssignment]:
    row = ledger.row(RECIPE, size=48)
    return [PairAssignment("fast-48", row, RECIPE, ("cat", style)) for style in ("waves", "night")]


def never() -> Backbone:
    raise AssertionError("nothing was to be painted")


def test_every_pair_is_painted_judged_kept_and_not_painted_again(
    tmp_path: Path, examples: Path, backbone: Backbone, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = Ledger("trial", ("size",), folder=tmp_path / "results")
    one, two = assigned(ledger)
    measure(ledger, [one], examples, open_backbone=lambda: backbone, open_judge=ConstantJudge)
    measure(ledger, [one], examples, open_backbone=never)
    ledger = Ledger("trial", ("size",), folder=tmp_path / "results")
    one, two = assigned(ledger)
    measure(ledger, [one, two], examples, open_backbone=lambda: backbone, open_judge=ConstantJudge)
    (row,) = rows_of([one, two])
    assert list(row.each) == ["cat-waves", "cat-night"]
    assert row.each["cat-night"]["color"] == 1
    assert capsys.readouterr().out.count("1/1 fast-48 cat-") == 2


def test_a_part_is_each_nth_picture(tmp_path: Path, examples: Path, backbone: Backbone) -> None:
    ledger = Ledger("trial", ("size",), folder=tmp_path / "results")
    both = assigned(ledger)
    measure(ledger, both, examples, part=(2, 2), open_backbone=lambda: backbone, open_judge=ConstantJudge)
    assert list(both[0].row.each) == ["cat-night"]


def test_a_picture_that_is_to_be_kept_and_is_not_there_is_painted_again(
    tmp_path: Path, examples: Path, backbone: Backbone
) -> None:
    ledger = Ledger("trial", ("size",), folder=tmp_path / "results")
    one, _ = assigned(ledger)
    for _ in range(2):
        measure(ledger, [one], examples, tmp_path, open_backbone=lambda: backbone, open_judge=ConstantJudge)
        picture = tmp_path / "fast-48" / "cat-waves.png"
        assert picture.is_file()
        picture.unlink()


@pytest.mark.parametrize("kept", [False, True])
def test_a_row_of_another_recipe_is_taken_as_it_is_and_what_it_lacks_is_left_out(
    tmp_path: Path, examples: Path, capsys: pytest.CaptureFixture[str], kept: bool
) -> None:
    before = Ledger("trial", ("size",), folder=tmp_path)
    row = before.row(RECIPE.changed(first_steps=2), size=48)
    before.add(row, "cat-waves", {"style": 0.5}, 3.0, "here")
    saved = results_path("trial", tmp_path).read_text()
    ledger = Ledger("trial", ("size",), any_version=True, folder=tmp_path)
    both = assigned(ledger)
    measure(ledger, both, examples, tmp_path if kept else None, open_backbone=never)
    assert list(rows_of(both)[0].each) == ["cat-waves"]
    assert results_path("trial", tmp_path).read_text() == saved
    missing = "cat-waves cat-night" if kept else "cat-night"
    assert capsys.readouterr().out == f"fast-48 was made by {row.made_by}, so these are not painted: {missing}\n"


def test_a_row_that_nobody_began_is_measured_whatever_versions_count(
    tmp_path: Path, examples: Path, backbone: Backbone
) -> None:
    before = Ledger("trial", ("size",), folder=tmp_path)
    other = before.row(RECIPE.changed(first_steps=2), size=64)
    before.add(other, "cat-waves", {"style": 0.5}, 3.0, "here")
    ledger = Ledger("trial", ("size",), any_version=True, folder=tmp_path)
    measure(ledger, assigned(ledger), examples, open_backbone=lambda: backbone, open_judge=ConstantJudge)
    after = Ledger("trial", ("size",), folder=tmp_path)
    assert list(after.row(RECIPE, size=48).each) == ["cat-waves", "cat-night"]
    assert after.row(RECIPE.changed(first_steps=2), size=64).each == other.each
