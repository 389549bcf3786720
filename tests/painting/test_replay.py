"""A picture made again: the same bits from the same inputs, and words for all that is not the same."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import PngImagePlugin

from nst.errors import ImageError, ModelError, RecipeError
from nst.network.build import export_model
from nst.network.device import choose
from nst.network.weights import random_weights
from nst.painting.backbone import Backbone
from nst.painting.painting import stylize, synthesize
from nst.painting.provenance import Provenance
from nst.painting.replay import compute_of, describe_difference, replay
from nst.painting.room import EVERYTHING, Room
from nst.pictures.picture import MAX_SIDE, Picture
from nst.pictures.reading import load_image
from nst.pictures.writing import save_image
from nst.recipe import Recipe
from nst.version import VERSION
from tests.conftest import smooth_picture

QUICK: dict[str, Any] = {"size": 48, "start_size": 0, "first_steps": 4}


@pytest.fixture(autouse=True)
def folder(folder: Path) -> Path:
    """The working folder, with another picture in it."""
    save_image(smooth_picture(40, 40, seed=3), "other.png")
    return folder


def painted(backbone: Backbone, **changes: Any) -> Picture:
    """The content in the style, saved as made.png and read again."""
    run = stylize("content.png", "style.png", Recipe(**{**QUICK, **changes}), backbone=backbone)
    return load_image(save_image(run.result(), "made.png"))


@pytest.mark.parametrize(("optimizer", "border"), [("lbfgs", "replicate"), ("adam", "replicate"), ("lbfgs", "wrap")])
def test_replay_is_equal_bit_for_bit(backbone: Backbone, optimizer: str, border: str) -> None:
    rate = {"lbfgs": 1.0, "adam": 0.05}[optimizer]
    picture = painted(backbone, init="style-noise", seed=3, optimizer=optimizer, learning_rate=rate, border=border)
    again = replay("made.png", backbone=backbone).result()
    assert (again.to_pil().tobytes(), again.provenance) == (picture.to_pil().tobytes(), picture.provenance)


@pytest.mark.parametrize("most", [MAX_SIDE, 4300])
def test_a_poster_is_made_of_all_pixels_and_replayed_also_where_the_page_read_fewer(
    backbone: Backbone, most: int
) -> None:
    save_image(smooth_picture(4300, 43, seed=1), "wide.png")
    content, recipe = load_image("wide.png", most), Recipe(size=4300, upscale=True)
    assert content.width == most
    picture = painted(backbone)
    assert picture.provenance is not None
    made_of = {"name": "wide.png", "size": [most, content.height], "digest": content.digest}
    inputs = {**picture.provenance["inputs"], "content": made_of}
    provenance = {**picture.provenance, "recipe": recipe.to_json(), "inputs": inputs}
    save_image(replace(picture, provenance=provenance), "made.png")
    assert replay("made.png", backbone=backbone).inputs["content"].digest == content.digest
    assert stylize("wide.png", "style.png", recipe, backbone=backbone).inputs["content"].width == 4300


def test_what_was_painted_in_bands_is_replayed_in_them(backbone: Backbone) -> None:
    room = Room(0, band=1 << 16, history=2, half=True)
    run = stylize("content.png", "style.png", Recipe(**{**QUICK, "first_steps": 8}), backbone=backbone)
    run.make_do_with(room)
    save_image(run.result(), "made.png")
    again = replay("made.png", backbone=backbone)
    again.make_do_with(EVERYTHING)
    assert again.room == room
    assert again.result().to_pil().tobytes() == load_image("made.png").to_pil().tobytes()


def test_a_picture_that_was_reduced_as_it_was_read_is_compared_at_that_size() -> None:
    """A flat one of 5000 px is in its file, and 4096 px of it are read."""
    ours = Picture(torch.full((1, 3, 32, 5000), 128 / 255))
    theirs = load_image(save_image(ours, "large.png"))
    assert describe_difference(ours, theirs) == "the same, bit for bit, at 4096 px"


def test_several_styles_masks_and_an_init_image_find_their_places_in_any_order(backbone: Backbone) -> None:
    mask = torch.zeros(1, 3, 40, 48)
    mask[..., :24] = 1
    save_image(Picture(mask), "mask.png")
    save_image(Picture(mask.flip(3)), "faces.png")
    recipe = Recipe(**QUICK, content_focus=30, auto_focus=True, init="image", style_blend=(1.0, 3.0, 2.0))
    styles = ["style.png", "other.png", "style.png"]
    part = torch.zeros(1, 3, 40, 40)
    part[..., 10:, :] = 1
    save_image(Picture(part), "part.png")
    run = stylize(
        "content.png",
        styles,
        recipe,
        mask="mask.png",
        style_mask=[None, "part.png"],
        importance="faces.png",
        init_image="other.png",
        backbone=backbone,
    )
    save_image(run.result(), "made.png")
    places = ["faces.png", "other.png", "mask.png", "part.png", "style.png", "content.png"]
    again = replay("made.png", places, backbone=backbone).result()
    assert again.provenance is not None
    assert again.provenance["inputs"]["style_2_mask"]["name"] == "part.png"
    assert describe_difference(again, load_image("made.png")) == "the same, bit for bit"


def test_an_input_is_known_by_what_it_shows_whatever_its_name(backbone: Backbone, folder: Path) -> None:
    painted(backbone)
    (folder / "content.png").rename("renamed.png")
    (folder / "elsewhere").mkdir()
    shutil.move("style.png", folder / "elsewhere")
    assert replay("made.png", ["renamed.png", "elsewhere"], backbone=backbone).result().width == 48


def test_a_run_that_was_stopped_is_replayed_up_to_there(backbone: Backbone) -> None:
    run = stylize("content.png", "style.png", Recipe(**QUICK), backbone=backbone)
    for progress in run:
        if progress.iteration == 2:
            break
    stopped = run.snapshot()
    assert stopped is not None
    save_image(stopped, "made.png")
    again = replay("made.png", backbone=backbone)
    assert [progress.iteration for progress in again] == [1, 2]
    assert describe_difference(again.result(), stopped) == "the same, bit for bit"


def test_a_missing_input_is_named(backbone: Backbone) -> None:
    painted(backbone)
    Path("style.png").unlink()
    with pytest.raises(ImageError, match=r"^The style image of made.png was 'style.png': name that file, or its fol"):
        replay("made.png", backbone=backbone)


@pytest.mark.parametrize("places", [[], ["content.png", "style.png"]])
def test_an_input_that_was_changed_is_told_from_a_missing_one(backbone: Backbone, places: list[str]) -> None:
    painted(backbone)
    shutil.copy("other.png", "style.png")
    with pytest.raises(ImageError, match=r"^'style.png' is not the style image that made.png was made of, or was ch"):
        replay("made.png", places, backbone=backbone)


def test_transparency_is_part_of_what_an_input_shows(content: Picture) -> None:
    opaque = torch.ones(1, 1, 40, 48)
    assert replace(content, alpha=opaque).digest != replace(content, alpha=opaque / 2).digest


def test_another_network_is_refused(backbone: Backbone, tmp_path: Path) -> None:
    painted(backbone)
    export_model(tmp_path / "other.onnx", random_weights(1))
    other = Backbone.open(tmp_path / "other.onnx", "cpu", "fp32")
    with pytest.raises(
        ModelError, match=r"^made.png was made with vgg16 \(random\) [0-9a-f]{12}, but this is vgg16 \("
    ):
        replay("made.png", backbone=other)


def test_what_else_differs_is_said(backbone: Backbone) -> None:
    provenance = Provenance.of(painted(backbone))
    assert provenance.differences(choose("cpu", "fp32")) == []
    assert provenance.differences(choose("cpu", "bf16")) == ["the precision was fp32 and is bf16"]
    elsewhere = replace(provenance, device="cuda:7", torch="1.0")
    assert elsewhere.differences(compute_of(elsewhere))[:2] == [
        f"PyTorch was 1.0 and is {torch.__version__}",
        f"the device was cuda:7 and is {choose().device}",
    ]


@pytest.mark.parametrize(
    ("provenance", "message"),
    [
        (None, r"^made.png holds no recipe: only pictures made with Gramarye do"),
        ({"task": "sculpt", "recipe": {}}, r"^made.png was made with a task that is unknown here\.$"),
        ({"task": "stylize", "recipe": {}}, r"^made.png holds a recipe, but does not say what it was made of\.$"),
        ({"task": "stylize", "recipe": {}, "inputs": {"content": 3}}, r"does not say what it was made of\.$"),
        ({"task": "stylize", "recipe": {}, "inputs": {"mask": {"name": "a", "digest": "b"}}}, r"what it was made of\."),
        ({"task": "stylize", "recipe": {"size": 1}}, r"^size is 1: allowed is"),
    ],
)
def test_a_picture_without_a_sound_provenance_is_refused(content: Picture, provenance: Any, message: str) -> None:
    save_image(replace(content, provenance=provenance), "made.png")
    with pytest.raises(RecipeError, match=message):
        Provenance.of("made.png")


def test_a_strangers_file_name_does_not_lead_out_of_the_folder(backbone: Backbone, folder: Path) -> None:
    picture = painted(backbone)
    assert picture.provenance is not None
    picture.provenance["inputs"]["style"]["name"] = "../style.png"
    (folder / "inner").mkdir()
    save_image(picture, "inner/made.png")
    shutil.copy("content.png", "inner/content.png")
    with pytest.raises(ImageError, match=r"^The style image of made.png was '../style.png'"):
        replay("inner/made.png", ["inner"], backbone=backbone)


def test_the_difference_says_how_far_two_pictures_are_apart(content: Picture) -> None:
    black, gray = Picture(torch.zeros(1, 3, 20, 20)), Picture(torch.full((1, 3, 20, 20), 10 / 255))
    assert describe_difference(black, gray) == "not the same: 10 of 255 apart on average, 10 at most"
    assert describe_difference(black, content) == "of different sizes"


def test_of_a_picture_in_memory_the_inputs_are_looked_for_in_the_working_folder(backbone: Backbone) -> None:
    picture = synthesize("style.png", Recipe.preset(task="synthesize", **QUICK), backbone=backbone).result()
    assert describe_difference(replay(picture, backbone=backbone).result(), picture) == "the same, bit for bit"


def saved_by(program: str, picture: Picture, recipe: dict[str, Any]) -> Provenance:
    """As old.png, with another program and recipe named inside; read again."""
    assert picture.provenance is not None
    made = {**picture.provenance, "program": program, "recipe": recipe}
    text = PngImagePlugin.PngInfo()
    text.add_itxt("pastiche", json.dumps(made))
    picture.to_pil().save("old.png", pnginfo=text)
    return Provenance.of("old.png")


@pytest.mark.parametrize(("border", "size", "side"), [("replicate", 48, 48), ("wrap", 40, 32)])
def test_a_picture_made_under_the_programs_old_name_replays(
    backbone: Backbone, border: str, size: int, side: int
) -> None:
    """What was done by default then is now a setting, or another weight at this size; a tile of 40 px has 32."""
    recipe = Recipe(**{**QUICK, "size": size, "border": border, "content_target": "own", "content_weight": 0.1})
    now = recipe.at_size(side).content_weight
    reckoned = 0.1 * 0.1 * (side / 512) ** 0.65 / now
    picture = painted(backbone, size=size, border=border, content_target="own", content_weight=reckoned)
    assert max(picture.width, picture.height) == side
    older = {name: value for name, value in recipe.to_json().items() if name != "content_target"}
    provenance = saved_by("pastiche 0.2.0", picture, older)
    assert provenance.differences(choose("cpu", "fp32")) == [
        f"the program was pastiche 0.2.0 and is gramarye {VERSION}"
    ]
    assert describe_difference(replay("old.png", backbone=backbone).result(), picture) == "the same, bit for bit"


def test_of_a_picture_that_was_stopped_at_a_coarse_scale_the_size_it_was_to_have_counts(backbone: Backbone) -> None:
    recipe = Recipe(**{**QUICK, "content_weight": 0.1})
    whole = saved_by("gramarye 0.3.0", painted(backbone), recipe.to_json())
    small = load_image("made.png")
    stopped = replace(small.resized((24, 20)), provenance=small.provenance)
    assert saved_by("gramarye 0.3.0", stopped, recipe.to_json()).recipe == whole.recipe


@pytest.mark.parametrize(("border", "side"), [("replicate", 604), ("wrap", 608)])
def test_the_weight_of_then_is_reckoned_for_the_side_that_the_picture_was_to_have(
    backbone: Backbone, border: str, side: int
) -> None:
    """Of a tile that is the nearest multiple of 16 px."""
    picture = painted(backbone)
    assert picture.provenance is not None
    picture.provenance["inputs"]["content"]["size"] = [900, 900]
    recipe = Recipe(size=604, border=border, content_weight=0.1)  # type: ignore[arg-type]
    then = saved_by("gramarye 0.3.0", picture, recipe.to_json()).recipe
    assert then.at_size(side).content_weight == pytest.approx(0.1 * (side / 512) ** 0.65)


@pytest.mark.parametrize(
    ("program", "changes", "same"),
    [
        ("gramarye 0.3.0", {}, False),
        ("gramarye 0.4.0", {}, True),
        ("gramarye 1.0.0", {}, True),
        ("gramarye 0.3.0", {"loss": "plain"}, True),
        ("gramarye 0.3.0", {"content_weight": 0.0}, True),
    ],
)
def test_only_weights_that_meant_something_else_are_changed(
    backbone: Backbone, program: str, changes: dict[str, Any], same: bool
) -> None:
    recipe = Recipe(**{**QUICK, **changes})
    provenance = saved_by(program, painted(backbone), recipe.to_json())
    assert (provenance.recipe == recipe) == same
    assert provenance.recipe.changed(content_weight=1.0) == recipe.changed(content_weight=1.0)


@pytest.mark.parametrize("program", ["gramarye " + 5000 * "9" + ".1", "gramarye 0.3.0"])
@pytest.mark.parametrize("size", [[10**400, 3], [0, 3], [9999, 1], "large", None])
def test_what_a_stranger_wrote_into_a_file_is_no_trouble(backbone: Backbone, program: str, size: object) -> None:
    picture = painted(backbone)
    assert picture.provenance is not None
    picture.provenance["inputs"]["content"]["size"] = size
    assert saved_by(program, picture, Recipe(**QUICK).to_json()).recipe.size == QUICK["size"]
