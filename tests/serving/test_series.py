"""A series as far as it is there: what it costs, what is left, and its sheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from nst.errors import CostError, ImageError
from nst.painting.backbone import Backbone
from nst.painting.painting import stylize
from nst.pictures.picture import Picture
from nst.pictures.writing import save_image
from nst.recipe import Recipe
from nst.serving.axes import parse_axis, plan_series
from nst.serving.cost import Cost
from nst.serving.limits import Limits
from nst.serving.series import Series
from nst.serving.series_sheet import CELL
from nst.serving.speed import Speed
from tests.conftest import smooth_picture

SPEED = Speed(start=0.0, step=0.0, operations=1e9)
QUICK = Recipe(size=48, start_size=0, first_steps=3)


@pytest.fixture
def content_file(content: Picture, tmp_path: Path) -> Path:
    return save_image(content, tmp_path / "cat.png")


@pytest.fixture
def style_files(tmp_path: Path) -> list[Path]:
    return [save_image(smooth_picture(40, 44, seed), tmp_path / f"style{seed}.png") for seed in (2, 3)]


def series_of(
    content: Path, styles: Sequence[Path], backbone: Backbone, *varied: str, recipe: Recipe = QUICK
) -> Series:
    plan = plan_series([path.name for path in styles], [parse_axis(text) for text in varied], recipe)
    return Series(plan, content, styles, backbone)


def one_color(red: float, green: float, blue: float) -> Picture:
    return Picture(torch.tensor([red, green, blue], dtype=torch.float32).view(1, 3, 1, 1).expand(1, 3, 40, 48).clone())


def test_a_cell_is_the_painting_of_its_content_its_style_and_its_recipe(
    content_file: Path, style_files: list[Path], backbone: Backbone
) -> None:
    series = series_of(content_file, style_files, backbone, "strength=20,60")
    painted = series.painting(series.plan.cells[3]).result()
    alone = stylize(content_file, style_files[1], QUICK.changed(strength=60), backbone=backbone).result()
    assert torch.equal(painted.rgb, alone.rgb)
    assert series.size == (48, 40)


def test_the_targets_of_a_style_are_computed_once(
    content_file: Path, style_files: list[Path], random_model: Path
) -> None:
    backbone = Backbone.open(random_model, "cpu", "fp32")
    kept = []
    series = series_of(content_file, style_files, backbone, "strength=20,60")
    for cell in series.plan.cells:
        series.painting(cell).result()
        kept.append(backbone.targets.used_bytes)
    assert kept[0] == kept[1] < kept[2] == kept[3]


def test_the_time_is_that_of_all_and_then_that_of_those_that_are_done(
    content_file: Path, style_files: list[Path], backbone: Backbone
) -> None:
    series = series_of(content_file, style_files[:1], backbone, "first_steps=10,20,30")
    cells, picture = series.plan.cells, one_color(0, 0, 0)
    costs = [Cost.of(series.painting(cell)).operations for cell in cells]
    assert series.seconds_left() is None
    assert series.seconds_left(SPEED) == pytest.approx(sum(costs) / 1e9)
    assert series.seconds_left(SPEED, running=0.5) == pytest.approx((costs[0] / 2 + costs[1] + costs[2]) / 1e9)
    series.finish(cells[0], picture, 7.0)
    for speed in (None, SPEED):
        assert series.seconds_left(speed) == pytest.approx(7 * (costs[1] + costs[2]) / costs[0])
    series.fail(cells[1], ImageError("gone"))
    assert series.seconds_left() == pytest.approx(7 * costs[2] / costs[0])
    series.finish(cells[2], picture, 1.0)
    assert series.seconds_left() == 0


def test_a_series_may_take_as_long_as_one_painting_may(
    content_file: Path, style_files: list[Path], backbone: Backbone
) -> None:
    recipe = QUICK.changed(size=512, upscale=True)
    series = series_of(content_file, style_files[:1], backbone, "strength=20,60", recipe=recipe)
    seconds = series.seconds_left(SPEED)
    assert seconds is not None
    series.require_within(Limits(seconds=seconds * 1.01, speed=SPEED))
    series.require_within(Limits(seconds=None, speed=SPEED))
    series.require_within(Limits(seconds=seconds * 0.9, speed=SPEED, refuses=False))
    with pytest.raises(CostError, match=r"This series of 2 pictures would take about \d+ s; .*: size 480 fits\."):
        series.require_within(Limits(seconds=seconds * 0.9, speed=SPEED))
    with pytest.raises(CostError, match="use fewer pictures, a smaller size or fewer steps"):
        series.require_within(Limits(seconds=seconds / 1e4, speed=SPEED))


def test_where_sizes_vary_no_size_is_proposed(content_file: Path, style_files: list[Path], backbone: Backbone) -> None:
    series = series_of(content_file, style_files[:1], backbone, "size=32,48")
    with pytest.raises(CostError, match="use fewer pictures"):
        series.require_within(Limits(seconds=1e-9, speed=SPEED))


def test_a_style_that_can_not_be_read_fails_its_cells_alone(
    content_file: Path, style_files: list[Path], backbone: Backbone, tmp_path: Path
) -> None:
    (bad := tmp_path / "bad.png").write_text("no picture")
    series = series_of(content_file, [bad, *style_files], backbone)
    with pytest.raises(ImageError, match=r"bad\.png is not an image"):
        series.painting(series.plan.cells[0])
    assert series.painting(series.plan.cells[1]).inputs["style"].name == "style2.png"


def test_where_no_style_can_be_read_there_is_no_series(content_file: Path, backbone: Backbone, tmp_path: Path) -> None:
    (bad := tmp_path / "bad.png").write_text("no picture")
    with pytest.raises(ImageError, match=r"bad\.png is not an image"):
        series_of(content_file, [bad], backbone, "strength=1,2")


def test_the_sheet_has_equal_cells_with_their_pictures_and_gray_where_there_is_none(
    content_file: Path, style_files: list[Path], backbone: Backbone
) -> None:
    series = series_of(content_file, style_files, backbone, "strength=20,60")
    red, *_, blue = series.plan.cells
    series.finish(red, one_color(1, 0, 0), 1.0)
    series.finish(blue, one_color(0, 0, 1), 1.0)
    sheet = np.asarray(series.sheet("cat.png"))
    area = CELL * round(CELL * 40 / 48)
    assert int((sheet == (0xE7, 0xE5, 0xE4)).all(2).sum()) == 2 * area
    for color in ((255, 0, 0), (0, 0, 255)):
        ys, xs = np.nonzero((sheet == color).all(2))
        assert len(ys) == area
        assert [int(np.ptp(xs)) + 1, int(np.ptp(ys)) + 1] == [CELL, area // CELL]
    centers = [np.argwhere((sheet == color).all(2)).mean(0) for color in ((255, 0, 0), (0, 0, 255))]
    assert (centers[0] < centers[1]).all()  # the first is above the last, and left of it
    assert sheet[0, 0].min() > 240
    labels = sheet[: int(centers[0][0] - area / CELL / 2)]
    assert labels.min() < 60  # something is written above the columns


def test_a_failure_is_told_on_the_sheet(content_file: Path, style_files: list[Path], backbone: Backbone) -> None:
    series = series_of(content_file, style_files, backbone)
    before = np.asarray(series.sheet("cat.png"))
    series.fail(series.plan.cells[0], ImageError("It is gone: " + "a very long word-" * 20))
    after = np.asarray(series.sheet("cat.png"))
    assert before.shape == after.shape
    ys, xs = np.nonzero((before != after).any(2))
    assert len(ys) > 100
    assert np.ptp(xs) < CELL
    assert np.ptp(ys) < CELL * 40 / 48


def test_files_are_named_by_their_place_their_inputs_and_what_differs(
    content_file: Path, style_files: list[Path], backbone: Backbone
) -> None:
    series = series_of(content_file, style_files, backbone, "style_scale=0.5,1")
    names = [series.file_name(cell, "my cat/../x.png") for cell in series.plan.cells]
    assert names[0] == "1-x-style2-style_scale_0.5.png"
    assert names[3] == "4-x-style3-style_scale_1.png"
    assert len(set(names)) == 4
