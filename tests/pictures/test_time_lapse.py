"""The time-lapse: how many frames, of what size, in which order."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from nst.errors import OutputError
from nst.painting.backbone import Backbone
from nst.painting.painting import stylize
from nst.pictures.picture import Picture
from nst.pictures.time_lapse import FRAME_MS, FRAMES, LAST_FRAME_MS, LONG_SIDE, TimeLapse
from nst.recipe import Recipe
from tests.conftest import smooth_picture


def film_of(backbone: Backbone, content: Picture, style: Picture, recipe: Recipe) -> TimeLapse:
    run = stylize(content, style, recipe, backbone=backbone)
    film = TimeLapse(run.size)
    for progress in run:
        if film.is_due(progress.iteration, progress.iterations):
            film.add(progress.image())
    return film


def test_a_short_run_gives_a_frame_a_step(backbone: Backbone, content: Picture, style: Picture) -> None:
    film = film_of(backbone, content, style, Recipe(first_steps=5, start_size=0))
    assert len(film.frames) == 5


def test_a_long_run_is_thinned_evenly_over_its_scales(backbone: Backbone, style: Picture) -> None:
    recipe = Recipe(size=96, start_size=48, scale_step=2.0, first_steps=70, last_steps=50)
    film = film_of(backbone, smooth_picture(96, 80, seed=1), style, recipe)
    assert len(film.frames) == FRAMES
    assert {frame.size for frame in film.frames} == {(96, 80)}


def test_frames_are_no_larger_than_the_limit() -> None:
    assert TimeLapse((1024, 512)).size == (LONG_SIDE, LONG_SIDE // 2)


def test_the_file_plays_all_frames_and_rests_on_the_last() -> None:
    film = TimeLapse((32, 16))
    film.frames = [Image.new("RGB", (32, 16), (80 * i, 0, 255 - 80 * i)) for i in range(4)]
    movie: Any = Image.open(io.BytesIO(film.encode()))
    assert (movie.format, movie.size, movie.n_frames, movie.info["loop"]) == ("WEBP", (32, 16), 4, 0)
    durations, reds = [], []
    for i in range(4):
        movie.seek(i)
        movie.load()
        durations.append(movie.info["duration"])
        reds.append(movie.convert("RGB").getpixel((8, 8))[0])
    assert durations == [FRAME_MS] * 3 + [LAST_FRAME_MS]
    assert reds == sorted(reds)


def test_it_is_saved_whole_or_not_at_all(tmp_path: Path) -> None:
    film = TimeLapse((32, 16))
    film.frames = [Image.new("RGB", (32, 16), color) for color in ("red", "blue")]
    film.save(tmp_path / "film.webp")
    assert (tmp_path / "film.webp").read_bytes() == film.encode()
    with pytest.raises(OutputError, match="can't be written: No such file or directory"):
        film.save(tmp_path / "nowhere" / "film.webp")
    assert [path.name for path in tmp_path.iterdir()] == ["film.webp"]
