"""Feature maps to look at: the network's own, and where a pixel lies in them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nst.errors import ImageError
from nst.learn.feature_maps import FeatureMaps, feature_maps
from nst.painting.backbone import Backbone
from nst.pictures.picture import Picture
from nst.taps import TAPS


@pytest.fixture
def features(content: Picture, backbone: Backbone) -> FeatureMaps:
    return feature_maps(content, backbone=backbone)


def test_they_are_those_of_the_network(features: FeatureMaps, content: Picture, backbone: Backbone) -> None:
    with torch.no_grad():
        expected = backbone.extractor(content.rgb, TAPS, border="replicate")
    assert list(features.maps) == list(TAPS)
    for tap in TAPS:
        np.testing.assert_array_equal(features[tap], expected[tap][0].numpy())
    assert features.rgb.shape == (40, 48, 3)
    assert features.nbytes == 48 * 40 * 3 + sum(4 * maps.size for maps in features.maps.values())


def test_a_pixel_lies_in_the_position_that_is_made_of_it(features: FeatureMaps) -> None:
    assert features.position("conv2", 47, 39) == (47, 39)
    assert features.position("conv7", 47, 39) == (11, 9)
    assert features.position("conv10", 47, 39) == (5, 4)  # 40 px are 5 positions of 8 px
    assert features.position("conv13", 47, 39) == (2, 1)  # 40 px are 2 positions of 16 px and a rest
    assert features.position("conv2", -3, 99) == (0, 39)
    np.testing.assert_array_equal(features.at("conv7", 9, 6), features["conv7"][:, 1, 2])


def test_a_large_picture_is_looked_at_in_a_smaller_size(content: Picture, backbone: Backbone) -> None:
    assert feature_maps(content, 24, backbone=backbone).rgb.shape == (20, 24, 3)


def test_a_thin_picture_is_refused(backbone: Backbone) -> None:
    thin = Picture(torch.rand(1, 3, 16, 600))
    with pytest.raises(ImageError, match="600x16 px would be 256x7 px at size 256, but 16 px are the least: crop it"):
        feature_maps(thin, backbone=backbone)
