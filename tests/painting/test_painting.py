"""The three tasks, on a network of random weights."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from nst.errors import ImageError, NstError, OutOfMemoryError, RecipeError
from nst.network.extractor import Extractor
from nst.painting.backbone import Backbone
from nst.painting.painting import painting_of, reconstruct, stylize, synthesize
from nst.painting.provenance import Provenance
from nst.pictures.picture import Picture
from nst.pictures.reading import load_image
from nst.pictures.writing import save_image
from nst.recipe import Recipe
from nst.task import TaskName

QUICK = {"size": 48, "start_size": 0, "first_steps": 4}


def recipe(task: TaskName = "stylize", **changes: Any) -> Recipe:
    return Recipe.preset(task=task, **{**QUICK, **changes})


def test_stylize_gives_a_picture_of_the_contents_shape(backbone: Backbone, content: Picture, style: Picture) -> None:
    picture = stylize(content, style, recipe(), backbone=backbone).result()
    assert (picture.width, picture.height) == (48, 40)
    assert not torch.equal(picture.rgb, content.rgb)


def test_synthesize_gives_a_picture_of_the_styles_shape(backbone: Backbone, style: Picture) -> None:
    picture = synthesize(style, recipe("synthesize", border="replicate"), backbone=backbone).result()
    assert (picture.width, picture.height) == (40, 44)


def test_a_texture_is_a_tile_of_multiples_of_16_px(backbone: Backbone, style: Picture) -> None:
    """Where it meets itself it differs no more than inside; with another border it differs several times as much."""
    textures = [
        synthesize(style, recipe("synthesize", size=64, upscale=True, first_steps=40, **more), backbone=backbone)
        for more in ({}, {"border": "replicate"})
    ]
    tile, other = (texture.result() for texture in textures)
    assert (tile.width, tile.height) == (64, 64)
    for dim in (2, 3):
        steps, others = (
            (image - image.roll(1, dim)).square().mean((0, 1, 5 - dim)).sqrt() for image in (tile.rgb, other.rgb)
        )
        assert steps[0] < 1.5 * steps[1:].max()
        assert others[0] > 1.5 * others[1:].max()


def test_a_transparent_content_keeps_its_alpha(backbone: Backbone, content: Picture, style: Picture) -> None:
    alpha = torch.zeros(1, 1, 40, 48)
    alpha[..., 24:] = 1
    picture = stylize(Picture(content.rgb, alpha), style, recipe(), backbone=backbone).result()
    assert picture.alpha is not None
    assert torch.equal(picture.alpha, alpha)
    smaller = stylize(Picture(content.rgb, alpha), style, recipe(size=24), backbone=backbone).result()
    assert smaller.alpha is not None
    assert smaller.alpha.shape == (1, 1, 20, 24)


@pytest.mark.parametrize("task", [reconstruct, synthesize])
@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_each_sub_problem_lowers_its_own_loss(backbone: Backbone, content: Picture, task: Any, optimizer: str) -> None:
    name = task.__name__
    rate = 1.0 if optimizer == "lbfgs" else 0.05
    changes = recipe(name, first_steps=30, optimizer=optimizer, learning_rate=rate, average=0)
    losses = [p.losses() for p in task(content, changes, backbone=backbone)]
    own, other = ("content", "style") if name == "reconstruct" else ("style", "content")
    assert getattr(losses[-1], own) < 0.9 * getattr(losses[0], own)  # L-BFGS gets stuck on some processors
    assert getattr(losses[-1], other) == 0


def test_sources_may_be_paths_pillow_images_and_tensors(
    backbone: Backbone, content: Picture, style: Picture, tmp_path: Path
) -> None:
    exact = Picture((content.rgb * 255).round() / 255)
    path = save_image(exact, tmp_path / "content.png")
    results = [
        stylize(source, style, recipe(), backbone=backbone).result()
        for source in (exact, path, str(path), Image.open(path), exact.rgb, exact.rgb[0])
    ]
    assert all(torch.equal(result.rgb, results[0].rgb) for result in results)


def test_an_init_image_is_where_the_work_starts(backbone: Backbone, content: Picture, style: Picture) -> None:
    changes = recipe(init="image", learning_rate=1e-5, average=0)
    picture = stylize(content, style, changes, init_image=style, backbone=backbone).result()
    assert (picture.rgb - style.resized((48, 40)).rgb).abs().max() < 1e-3


@pytest.mark.parametrize("init", ["random", "style-noise", "content"])
def test_the_init_decides_the_start(backbone: Backbone, content: Picture, style: Picture, init: str) -> None:
    start = stylize(content, style, recipe(init=init, learning_rate=1e-5), backbone=backbone).result()
    assert ((start.rgb - content.rgb).abs().max() < 1e-3) == (init == "content")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c, s, b: stylize(c, s, recipe(init="image"), backbone=b), "give both or neither"),
        (lambda c, s, b: stylize(c, s, recipe(), init_image=c, backbone=b), "give both or neither"),
        (lambda c, s, b: synthesize(s, recipe(), backbone=b), 'init is "content", but this task has no content'),
        (
            lambda c, s, b: reconstruct(c, recipe(init="style-noise"), backbone=b),
            'init is "style-noise", but this task has no style',
        ),
        (
            lambda c, s, b: reconstruct(c, recipe(content_weight=0, init="random"), backbone=b),
            "content_weight is 0, but reconstruct has the content loss alone",
        ),
        (
            lambda c, s, b: synthesize(s, recipe(style_weight=0, init="random"), backbone=b),
            "style_weight is 0, but synthesize has the style loss alone",
        ),
    ],
)
def test_settings_that_do_not_fit_the_task_are_refused_at_once(
    backbone: Backbone, content: Picture, style: Picture, call: Any, message: str
) -> None:
    with pytest.raises(RecipeError) as caught:
        call(content, style, backbone)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("task", "roles", "message"),
    [
        (
            "synthesize",
            ("style", "mask"),
            "synthesize was given mask, but takes style, style_2, style_3, style_4, init_",
        ),
        (
            "reconstruct",
            ("content", "style", "mask"),
            "was given style, mask, but takes content, init_image: leave out",
        ),
        ("synthesize", (), "synthesize was given no style, but needs style: add what is missing."),
        ("stylize", ("content",), "stylize was given no style, but needs content and style: add what is missing."),
        ("stylize", ("style_2",), "stylize was given no content and no style, but needs content and style: add what"),
    ],
)
def test_images_that_do_not_fit_the_task_are_refused_at_once(
    backbone: Backbone, content: Picture, task: TaskName, roles: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ImageError, match=message):
        painting_of(task, dict.fromkeys(roles, content), recipe(task), backbone)


def test_a_thin_content_is_refused_at_once_and_a_thin_style_is_not(backbone: Backbone, content: Picture) -> None:
    thin = Picture(torch.rand(1, 3, 16, 256))
    with pytest.raises(ImageError, match="256x16 px would be 48x3 px"):
        stylize(thin, content, recipe(), backbone=backbone)
    assert stylize(content, thin, recipe(), backbone=backbone).result().width == 48


def test_nothing_runs_before_the_first_step_and_a_run_can_be_left(
    backbone: Backbone, content: Picture, style: Picture
) -> None:
    run = stylize(content, style, recipe(), backbone=backbone)
    assert run.snapshot() is None
    next(run)
    second = next(run)
    snapshot = run.snapshot()
    assert snapshot is not None
    assert torch.equal(snapshot.rgb, second.image())
    assert snapshot.provenance is not None
    assert snapshot.provenance["iterations"] == [2, 4]
    assert (run.planned_iterations, Provenance.of(snapshot).is_complete) == (4, False)


def test_provenance_tells_how_to_make_the_picture_again(
    backbone: Backbone, content: Picture, style: Picture, tmp_path: Path
) -> None:
    wanted = recipe(seed=3, init="random")
    picture = stylize(content, style, wanted, backbone=backbone).result()
    provenance = load_image(save_image(picture, tmp_path / "out.png")).provenance
    assert provenance == json.loads(json.dumps(picture.provenance))
    assert provenance is not None
    assert (provenance["task"], Recipe.from_json(provenance["recipe"])) == ("stylize", wanted)
    assert provenance["backbone"] == {
        "name": "vgg16 (random)",
        "source": "seeded random numbers, seed 0",
        "digest": backbone.model.digest,
    }
    assert provenance["inputs"]["content"] == {"name": "picture 1", "size": [48, 40], "digest": content.digest}
    assert (provenance["device"], provenance["precision"]) == ("cpu", "fp32")


class FailingExtractor(Extractor):
    """Computes nothing."""

    def __init__(self, error: Exception) -> None:
        super().__init__({}, {}, torch.float32, torch.zeros(0), torch.zeros(0))
        object.__setattr__(self, "error", error)

    def walk(self, *_: Any, **__: Any) -> Any:
        raise self.error  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 99 bytes"),
    ],
)
def test_too_little_memory_is_said_in_words(
    backbone: Backbone, content: Picture, style: Picture, error: Exception
) -> None:
    run = stylize(content, style, recipe(), backbone=replace(backbone, extractor=FailingExtractor(error)))
    with pytest.raises(OutOfMemoryError, match="use a smaller size"):
        run.result()


def test_other_errors_of_the_runtime_are_not_dressed_up(backbone: Backbone, content: Picture, style: Picture) -> None:
    failing = replace(backbone, extractor=FailingExtractor(RuntimeError("a bug")))
    run = stylize(content, style, recipe(), backbone=failing)
    with pytest.raises(RuntimeError, match="a bug") as caught:
        run.result()
    assert not isinstance(caught.value, NstError)
