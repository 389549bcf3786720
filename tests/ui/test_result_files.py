"""Previews and names of results."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

from nst.pictures.picture import Picture
from nst.task import TASKS, TaskName
from nst.ui.result_files import PREVIEW, download_name, save_preview, save_tiled
from tests.conftest import smooth_picture


def test_previews_keep_the_size_of_the_result(tmp_path: Path) -> None:
    small = smooth_picture(32, 16, seed=1)
    with Image.open(save_preview(small, (64, 32), tmp_path / "a.jpg")) as image:
        assert (image.format, image.size) == ("JPEG", (64, 32))
    with Image.open(save_preview(small, (4 * PREVIEW, 2 * PREVIEW), tmp_path / "b.jpg")) as image:
        assert image.size == (PREVIEW, PREVIEW // 2)


def test_a_transparent_painting_has_a_preview_too(tmp_path: Path) -> None:
    picture = Picture(smooth_picture(32, 16, seed=1).rgb, torch.zeros(1, 1, 16, 32))
    with Image.open(save_preview(picture, (32, 16), tmp_path / "a.jpg")) as image:
        assert image.mode == "RGB"


def test_a_tile_is_seen_two_by_two(tmp_path: Path) -> None:
    tile = Picture(torch.cat((torch.zeros(1, 3, 32, 48), torch.ones(1, 3, 32, 16)), 3))
    with Image.open(save_tiled(tile, tmp_path / "a.jpg")) as image:
        assert (image.format, image.size) == ("JPEG", (128, 64))
        grays = [image.convert("L").getpixel((x, y)) for y in (16, 48) for x in (24, 56, 88, 120)]
    assert grays == pytest.approx([0, 255] * 4, abs=4)
    with Image.open(save_tiled(smooth_picture(4 * PREVIEW, 8, seed=1), tmp_path / "b.jpg")) as image:
        assert image.size[0] == PREVIEW


@pytest.mark.parametrize(
    ("names", "task", "expected"),
    [
        (("colosseum.jpg", "starry_night.jpg"), "stylize", "colosseum-starry_night.png"),
        (("my cat (1).png",), "synthesize", "my_cat_1-synthesize.png"),
        (("../../etc/passwd", "été.jpg"), "stylize", "passwd-été.png"),
        (("….png",), "reconstruct", "reconstruct.png"),
        (("🎨.jpg", "!!!.png"), "stylize", "gramarye.png"),
        (("猫" * 90 + ".jpg", "b.png"), "stylize", "猫" * 60 + ".png"),
    ],
)
def test_downloads_are_named_for_their_inputs(names: tuple[str, ...], task: TaskName, expected: str) -> None:
    rgb = smooth_picture(16, 16, seed=1).rgb
    inputs: dict[str, Picture] = {
        role: Picture(rgb, name=name) for role, name in zip(TASKS[task].inputs, names, strict=True)
    }
    inputs["mask"] = Picture(rgb, name="mask.png")
    assert download_name(inputs, task) == expected
