"""The article's loop as its reader would write it, on our model's own convolutions."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.painting.backbone import Backbone
from nst.pictures.picture import Picture
from nst.recipe import Recipe
from nst.taps import LAYERS

from ..pairs import load_pair

RECIPE = Recipe.preset("article", start_size=0)
"""What both sides minimize."""

TAP_INDEX = {"conv2": 5, "conv4": 12, "conv7": 22, "conv10": 32, "conv13": 42}
"""Where the ReLU of each tap stands in torchvision's `vgg16_bn().features`."""


def without_tf32() -> None:
    """Have PyTorch's own convolutions and products in fp32 be what they are called, from now on, on a GPU too."""
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False


def pictures(size: int) -> tuple[Picture, Picture]:
    """A square content and style."""
    content, style = load_pair("chelsea", "starry_night")
    return content.resized((size, size)), style.resized((size, size))


class Plain:
    """The yardstick."""

    def __init__(self, backbone: Backbone, size: int) -> None:
        from torchvision.models import vgg16_bn

        network = vgg16_bn(weights=None).eval().requires_grad_(False)
        convs = [module for module in network.features if isinstance(module, torch.nn.Conv2d)]
        for layer, conv in zip(LAYERS, convs, strict=True):
            conv.load_state_dict(
                {name: backbone.model.weights[f"{layer.name}.{name}"].float() for name in ("weight", "bias")}
            )
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.eps = 1e-12
            if isinstance(module, torch.nn.ReLU):
                module.inplace = False
        self._device = backbone.compute.device
        self._network = network.features[:43].to(self._device)
        self._saved: dict[str, Tensor] = {}
        for tap, index in TAP_INDEX.items():
            self._network[index].register_forward_hook(
                lambda _module, _given, output, tap=tap: self._saved.__setitem__(tap, output)
            )
        content, style = (picture.rgb.to(self._device) for picture in pictures(size))
        with torch.no_grad():
            self._content = {tap: f for tap, f in self._features(content).items() if tap in RECIPE.content_taps}
            self._style = {tap: _gram(f) for tap, f in self._features(style).items()}
        start = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0))
        self.image = start.to(self._device).requires_grad_()
        self._optimizer = torch.optim.LBFGS([self.image], lr=1, max_iter=1)

    def _features(self, image: Tensor) -> dict[str, Tensor]:
        from torchvision.transforms.functional import normalize

        self._network(normalize(image, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
        return dict(self._saved)

    def loss(self, image: Tensor) -> Tensor:
        """The article's weighted sum."""
        features = self._features(image)
        content = torch.stack([F.mse_loss(features[tap], target) for tap, target in self._content.items()]).mean()
        style = torch.stack([F.mse_loss(_gram(features[tap]), target) for tap, target in self._style.items()]).mean()
        return RECIPE.content_weight * content + RECIPE.style_weight * style

    def step(self) -> Tensor:
        """One iteration of L-BFGS with one evaluation; the loss before it."""

        def closure() -> Tensor:
            self._optimizer.zero_grad()
            loss = self.loss(self.image)
            loss.backward()
            return loss

        loss: Tensor = self._optimizer.step(closure)
        return loss


def _gram(features: Tensor) -> Tensor:
    flat = features.reshape(features.shape[1], -1)
    return flat @ flat.T / flat.shape[1]
