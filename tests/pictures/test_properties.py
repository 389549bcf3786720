"""What holds for any picture, file and mask; the examples are the same in every run."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from nst.errors import ImageError, NstError, RecipeError
from nst.painting.provenance import Provenance, recipe_in
from nst.painting.scene import Scene
from nst.pictures.picture import Picture
from nst.pictures.reading import as_picture, load_image
from nst.pictures.writing import save_image
from nst.recipe import SETTINGS, Recipe, setting
from tests.conftest import smooth_picture

fixed = settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

sides = st.integers(16, 40)
seeds = st.integers(0, 2**32 - 1)
numbers = st.integers() | st.floats() | st.sampled_from([10**400, -(10**30)])
json_values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=20),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4),
    max_leaves=8,
)


def require_sentence(error: NstError) -> None:
    assert str(error).isprintable()
    assert len(str(error)) < 800
    assert str(error).endswith((".", "?"))


@fixed
@given(width=sides, height=sides, bands=st.sampled_from([3, 4]), seed=seeds, kind=st.sampled_from(["png", "tiff"]))
def test_what_is_saved_without_loss_is_loaded_again(
    width: int, height: int, bands: int, seed: int, kind: str, tmp_path: Path
) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, bands), dtype=np.uint8)
    picture = as_picture(Image.fromarray(pixels))
    again = load_image(save_image(picture, tmp_path / f"picture.{kind}"))
    assert (again.width, again.height) == (width, height)
    assert torch.equal(again.rgb, picture.rgb) or bands == 4  # composited colors are rounded to bytes
    if picture.alpha is not None:
        assert again.alpha is not None
        assert torch.equal(again.alpha, picture.alpha)
        assert save_image(again, tmp_path / f"again.{kind}").exists()


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    """Any recipe: each setting within what is allowed."""
    return Recipe(**{name: draw(_values(name)) for name in SETTINGS})


def _values(name: str) -> st.SearchStrategy[Any]:
    about, default = setting(name), SETTINGS[name].default
    if about.many and about.choices:
        return st.lists(st.sampled_from(about.choices), min_size=1, unique=True)
    if about.many:
        return st.lists(st.floats(1e-3, about.high), min_size=1, max_size=4)
    if about.choices:
        return st.sampled_from(about.choices)
    if isinstance(default, bool):
        return st.booleans()
    if isinstance(default, int):
        return st.integers(int(about.low), int(about.high))
    return st.floats(max(about.low, 1e-3), about.high)


@fixed
@given(recipe=recipes())
def test_a_recipe_comes_back_from_its_json(recipe: Recipe) -> None:
    assert Recipe.from_json(recipe.to_json()) == Recipe.from_json(json.dumps(recipe.to_json())) == recipe


@fixed
@given(recipe=recipes(), kind=st.sampled_from(["png", "jpg", "webp", "tiff", "avif"]))
def test_a_recipe_comes_back_from_a_file(recipe: Recipe, kind: str, tmp_path: Path) -> None:
    made = Picture(torch.zeros(1, 3, 16, 16), provenance={"task": "stylize", "recipe": recipe.to_json()})
    assert recipe_in(load_image(save_image(made, tmp_path / f"made.{kind}"))) == ("stylize", recipe)


@fixed
@given(payload=st.dictionaries(st.sampled_from([*SETTINGS, "self", "cls", "name"]) | st.text(max_size=8), json_values))
def test_any_payload_is_a_recipe_or_a_sentence(payload: dict[str, Any]) -> None:
    for given_as in (payload, json.dumps(payload)):
        try:
            recipe = Recipe.from_json(given_as)
        except RecipeError as error:
            require_sentence(error)
        else:
            assert Recipe.from_json(recipe.to_json()) == recipe


@fixed
@given(text=st.text(max_size=200))
def test_any_text_is_a_recipe_or_a_sentence(text: str) -> None:
    try:
        Recipe.from_json(text)
    except RecipeError as error:
        require_sentence(error)


@fixed
@given(embedded=json_values, recipe=st.dictionaries(st.sampled_from(list(SETTINGS)), json_values, max_size=3))
def test_any_embedded_recipe_is_read_or_told(embedded: Any, recipe: dict[str, Any], tmp_path: Path) -> None:
    for provenance in (embedded, {"task": "stylize", "recipe": recipe, "inputs": embedded, "iterations": embedded}):
        info = PngImagePlugin.PngInfo()
        info.add_itxt("gramarye", json.dumps(provenance))
        Image.new("RGB", (16, 16)).save(tmp_path / "made.png", pnginfo=info)
        try:
            Provenance.of(tmp_path / "made.png")
        except RecipeError as error:
            require_sentence(error)


@pytest.mark.filterwarnings("ignore")
@fixed
@given(
    kind=st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"]),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), max_size=6),
    cut=st.floats(0, 1),
)
def test_any_mask_file_makes_a_scene_or_is_told(
    kind: str, flips: list[tuple[float, int]], cut: float, tmp_path: Path
) -> None:
    content = smooth_picture(24, 20, seed=1)
    file = io.BytesIO()
    Image.linear_gradient("L").resize((24, 20)).save(file, kind)
    data = bytearray(file.getvalue())
    for place, bits in flips:
        data[int(place * len(data))] ^= bits
    (tmp_path / "mask").write_bytes(data if cut > 0.5 else data[: int(2 * cut * len(data))])
    try:
        scene = Scene(Recipe(), content, (content,), load_image(tmp_path / "mask"))
    except ImageError as error:
        require_sentence(error)
    else:
        assert bool(torch.isfinite(scene.develop(content.rgb)).all())
