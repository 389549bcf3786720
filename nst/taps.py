"""The VGG-16 stack by name: 13 convolutions in five stages, a 2x2 max-pool between stages.

A *tap* is a place where features are read.  The article counts convolutions and hooks the ReLU behind
each of them, so ``conv7`` is the output of the ReLU behind the seventh convolution (after batch norm,
where there is one): ``relu3_3`` in the naming of Simonyan and Zisserman, arXiv 1409.1556, table 1 D.
"""

from __future__ import annotations

from dataclasses import dataclass

STAGES = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))

MIN_SIDE = 16
"""Pixels: four poolings halve a side four times, and conv13 must still see one position."""

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
"""RGB statistics of ImageNet in [0, 1], with which torchvision's networks were trained."""


@dataclass(frozen=True)
class Layer:
    """One convolution with its ReLU; ``pool`` is true where a 2x2 max-pool comes right before it."""

    name: str
    relu: str
    in_channels: int
    out_channels: int
    stage: int
    pool: bool

    @property
    def stride(self) -> int:
        """Pixels of the image per position of this layer's feature map."""
        return 1 << self.stage


def _layers() -> tuple[Layer, ...]:
    layers: list[Layer] = []
    channels = 3
    for stage, widths in enumerate(STAGES):
        for i, width in enumerate(widths):
            name, relu = f"conv{len(layers) + 1}", f"relu{stage + 1}_{i + 1}"
            layers.append(Layer(name, relu, channels, width, stage, pool=stage > 0 and i == 0))
            channels = width
    return tuple(layers)


LAYERS = _layers()
TAPS = tuple(layer.name for layer in LAYERS)
BY_NAME = {layer.name: layer for layer in LAYERS}

TORUS_STEP = LAYERS[-1].stride
"""Pixels: each side of a picture that wraps around is a multiple, so that no pooling drops a row or column."""

ARTICLE_CONTENT_TAPS = ("conv2", "conv4", "conv7")
ARTICLE_STYLE_TAPS = ("conv2", "conv4", "conv7", "conv10", "conv13")
"""Where the article compares feature maps, and where Gram matrices."""
