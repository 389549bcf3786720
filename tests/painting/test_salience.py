"""What is found to be important, by a network that knows one thing, and in pictures of which one knows."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from nst.painting.backbone import Backbone
from nst.painting.salience import find_salience
from nst.painting.targets import Targets
from nst.pictures.picture import Picture
from nst.pictures.reading import load_image

SIZE = (128, 96)


def knows_red(image: Tensor, taps: Collection[str], border: str = "zeros", pooling: str = "max") -> dict[str, Tensor]:
    """A network whose features are how red the picture is, 8 px at a time."""
    red = (image[:, :1] - image[:, 1:2]).clamp_min(0)
    return {tap: F.avg_pool2d(red, 8) for tap in taps}


def scene() -> Picture:
    """Gray grain with a round red spot on the left, and a bright square on the right."""
    grain = 0.4 + 0.3 * torch.rand(1, 1, 96, 128, generator=torch.Generator().manual_seed(0))
    rgb = grain.repeat(1, 3, 1, 1)
    y, x = torch.arange(96)[:, None], torch.arange(128)[None]
    spot = (y - 48).square() + (x - 32).square() < 14**2
    rgb[:, 0] = rgb[:, 0] + 0.3 * spot
    rgb[..., 24:72, 80:112] = 1
    return Picture(rgb.clamp(0, 1))


def test_what_the_network_knows_and_straight_edges_are_important() -> None:
    found = find_salience(scene(), SIZE, Targets(knows_red, "red"))[0, 0]
    assert found.shape == (96, 128)
    assert 0 <= float(found.min()) <= float(found.max()) <= 1
    nothing = found[:, 56:68].mean()
    assert found[40:56, 24:40].mean() > 4 * nothing  # the spot
    assert found[40:56, 79:82].mean() > 4 * nothing  # an edge of the square
    assert found[40:56, 92:100].mean() < 0.3  # which is even inside


@pytest.mark.weights
def test_a_face_is_found(real_backbone: Backbone) -> None:
    picture = load_image(Path(__file__).parents[2] / "examples" / "content" / "astronaut.jpg")
    found = find_salience(picture, (256, 256), real_backbone.targets)[0, 0]
    face = found[25:85, 85:140]
    assert face.mean() > 2 * found.mean()
