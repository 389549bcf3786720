"""The judge as a whole: with random networks, and with the published ones, whether it makes sense."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from bench.judge import CONTENT_FIGURES, Figures, Judge
from bench.judge.alexnet import AlexNet
from bench.judge.vgg19 import VGG19
from nst.errors import WeightsError
from nst.pictures.picture import Picture
from nst.pictures.reading import load_image

STYLE_FIGURES = ("style", "wasserstein", "patches", "strangeness", "omission", "color")
EXAMPLES = Path(__file__).parents[3] / "examples"


def test_what_is_judged_against_itself_is_perfect(
    vgg: VGG19, alexnet: AlexNet, content: Picture, style: Picture
) -> None:
    judge = Judge(vgg, alexnet)
    as_style, as_content = judge(style, content, style), judge(content, content, style)
    assert [getattr(as_style, name) for name in STYLE_FIGURES] == pytest.approx([0] * 6, abs=1e-5)
    assert [getattr(as_content, name) for name in CONTENT_FIGURES] == [0, 0]
    assert as_style.crispness == 1
    assert all(getattr(as_content, name) > 0.01 for name in STYLE_FIGURES)
    assert all(getattr(as_style, name) > 0.001 for name in CONTENT_FIGURES)


def test_content_and_style_of_other_sizes_are_brought_to_the_pictures(
    vgg: VGG19, alexnet: AlexNet, content: Picture, style: Picture
) -> None:
    """The content to its size, the style to its long side."""
    judge, picture = Judge(vgg, alexnet), style.resized((64, 40))
    brought = judge(picture, content.resized((64, 40)), style.resized((58, 64)))
    assert judge(picture, content, style) == pytest.approx(brought)


@pytest.fixture(scope="module")
def figures() -> dict[str, Figures]:
    """Of a photograph, a painting, noise, the painting blurred, and both with red and blue swapped."""
    try:
        judge = Judge()
    except WeightsError as error:
        pytest.skip(f"The judge's networks can't be fetched: {error}")
    content = load_image(EXAMPLES / "content" / "chelsea.jpg").resized((192, 128))
    style = load_image(EXAMPLES / "style" / "starry_night.jpg").resized((192, 152))
    noise = Picture(torch.rand(1, 3, 128, 192, generator=torch.Generator().manual_seed(0)))
    blurred = Picture(F.avg_pool2d(F.pad(style.rgb, (1, 1, 1, 1), "replicate"), 3, 1))
    pictures = {
        "content": content,
        "style": style,
        "noise": noise,
        "blurred style": blurred,
        "swapped style": Picture(style.rgb.flip(1)),
        "swapped content": Picture(content.rgb.flip(1)),
    }
    return {name: judge(picture, content, style) for name, picture in pictures.items()}


@pytest.mark.weights
@pytest.mark.parametrize("name", STYLE_FIGURES)
def test_the_style_is_nearest_to_itself_and_noise_is_farthest_away(figures: dict[str, Figures], name: str) -> None:
    """In its colors noise is no farther than a photograph of other colors: it has some of each."""
    style, blurred, content, noise = (
        getattr(figures[picture], name) for picture in ("style", "blurred style", "content", "noise")
    )
    assert style == pytest.approx(0, abs=1e-5)
    assert style < blurred < content
    assert blurred < noise if name == "color" else content < noise


@pytest.mark.weights
@pytest.mark.parametrize("name", CONTENT_FIGURES)
def test_the_content_is_nearest_to_itself_and_noise_is_farthest_away(figures: dict[str, Figures], name: str) -> None:
    content, swapped, style, noise = (
        getattr(figures[picture], name) for picture in ("content", "swapped content", "style", "noise")
    )
    assert content == 0
    assert content < swapped < min(style, noise)


@pytest.mark.weights
def test_a_blurred_painting_is_caught_by_its_crispness(figures: dict[str, Figures]) -> None:
    assert figures["style"].crispness == 1
    assert figures["blurred style"].crispness < 0.6
    assert figures["blurred style"].color < 0.2


@pytest.mark.weights
def test_a_painting_in_other_colors_is_caught_by_the_color_figure(figures: dict[str, Figures]) -> None:
    assert figures["swapped style"].color > 3 * figures["blurred style"].color
    assert figures["swapped style"].crispness == pytest.approx(1)
