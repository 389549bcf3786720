"""Means over a few pairs, with random networks and figures that are made up."""

from __future__ import annotations

from pathlib import Path

from bench.judge import Figures
from bench.means import means_of, paint_and_judge
from bench.pairs import FEW
from nst.painting.backbone import Backbone
from nst.recipe import Recipe
from tests.bench.test_measure import ConstantJudge

RECIPE = Recipe.preset("fast", size=48, start_size=0, first_steps=1)


def test_each_pair_is_painted_judged_and_kept_in_a_folder_that_is_made(tmp_path: Path, backbone: Backbone) -> None:
    pictures = tmp_path / "not" / "there yet"
    judged = paint_and_judge(FEW[:2], RECIPE, backbone, ConstantJudge(), pictures, 48)
    assert judged == [Figures(*[1.0] * len(Figures._fields))] * 2
    assert {path.name for path in pictures.iterdir()} == {f"{content}-{style}-48.png" for content, style in FEW[:2]}


def test_means_are_by_name() -> None:
    """Of 0, 1, 2, ... and 2, 3, 4, ...: 1, 2, 3, ..."""
    count = len(Figures._fields)
    means = means_of([Figures(*range(count)), Figures(*range(2, count + 2))])
    assert means == dict(zip(Figures._fields, range(1, count + 1), strict=True))
