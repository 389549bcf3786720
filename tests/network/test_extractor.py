"""The extractor against torchvision's own unfolded network and finite differences."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import pytest
import torch
from torch import Tensor
from torchvision.models import VGG, vgg16, vgg16_bn
from torchvision.transforms.functional import normalize

from nst.errors import ImageError
from nst.network.convolution import Convolution
from nst.network.extractor import Extractor, FrozenConvReLU, masked_by_relu
from nst.network.folding import fold
from nst.network.weights import torchvision_indices
from nst.recipe import Border, Pooling
from nst.taps import IMAGENET_MEAN, IMAGENET_STD, LAYERS, TAPS
from tests.network.torchvision_reference import filled

STYLE_TAPS = ("conv2", "conv4", "conv7", "conv10", "conv13")
FLOAT64, FLOAT32 = 1e-10, 1e-4


@functools.cache
def torchvision_network(batch_norm: bool) -> VGG:
    """Random weights and random batch-norm statistics, in eval mode and float64."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = (vgg16_bn if batch_norm else vgg16)(weights=None).double().eval()
        for module in network.features:
            if isinstance(module, torch.nn.BatchNorm2d):
                torch.nn.init.uniform_(module.weight, 0.5, 1.5)
                torch.nn.init.normal_(module.bias, 0, 0.2)
                torch.nn.init.normal_(filled(module.running_mean), 0, 0.2)
                torch.nn.init.uniform_(filled(module.running_var), 0.5, 2)
        return network.requires_grad_(False)


def torchvision_taps(batch_norm: bool, image: Tensor, taps: Sequence[str] = TAPS) -> dict[str, Tensor]:
    """Outputs of torchvision's ReLUs, caught by hooks as in the article; batch norm unfolded, float64."""
    network, hooks = torchvision_network(batch_norm), []
    feature_maps: dict[str, Tensor] = {}
    for layer, index in zip(LAYERS, torchvision_indices(batch_norm), strict=True):
        relu = network.features[index + (2 if batch_norm else 1)]
        assert isinstance(relu, torch.nn.ReLU)
        relu.inplace = False
        if layer.name in taps:
            hooks.append(
                relu.register_forward_hook(lambda _m, _i, y, name=layer.name: feature_maps.__setitem__(name, y))
            )
    network.features(normalize(image.double(), list(IMAGENET_MEAN), list(IMAGENET_STD)))
    for hook in hooks:
        hook.remove()
    return feature_maps


def folded_weights(batch_norm: bool) -> dict[str, Tensor]:
    modules = torchvision_network(batch_norm).features
    weights: dict[str, Tensor] = {}
    for layer, index in zip(LAYERS, torchvision_indices(batch_norm), strict=True):
        weight, bias = modules[index].weight, modules[index].bias
        if batch_norm:
            weight, bias = fold(weight, bias, modules[index + 1].state_dict())
        weights |= {f"{layer.name}.weight": weight, f"{layer.name}.bias": bias}
    return weights


@functools.cache
def folded(batch_norm: bool, dtype: torch.dtype) -> Extractor:
    return Extractor.on(folded_weights(batch_norm), "cpu", dtype)


def difference(value: Tensor, expected: Tensor) -> float:
    return float((value.double() - expected).norm() / expected.norm())


@pytest.mark.parametrize("batch_norm", [True, False])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, FLOAT64), (torch.float32, FLOAT32)])
@pytest.mark.parametrize("shape", [(1, 3, 48, 32), (2, 3, 37, 53)])
def test_features_equal_torchvisions_unfolded_network(
    batch_norm: bool, dtype: torch.dtype, tolerance: float, shape: tuple[int, ...]
) -> None:
    image = torch.rand(shape, dtype=torch.float64)
    ours, theirs = folded(batch_norm, dtype)(image.to(dtype), TAPS), torchvision_taps(batch_norm, image)
    assert list(ours) == list(TAPS)
    for tap in TAPS:
        assert difference(ours[tap], theirs[tap]) < tolerance, tap


@pytest.mark.parametrize("taps", [("conv1",), ("conv2", "conv4", "conv7"), STYLE_TAPS, ("conv6", "conv12"), TAPS])
@pytest.mark.parametrize("shape", [(1, 3, 32, 32), (2, 3, 35, 33)])
def test_pixel_gradients_equal_autograd_through_torchvision(taps: tuple[str, ...], shape: tuple[int, ...]) -> None:
    image = torch.rand(shape, dtype=torch.float64, requires_grad=True)
    gradients = []
    for features in (folded(True, torch.float64)(image, taps), torchvision_taps(True, image, taps)):
        loss = sum((features[tap].square().mean() for tap in taps), image.new_zeros(()))
        gradients.append(torch.autograd.grad(loss, image)[0])
    assert difference(*gradients) < FLOAT64


@pytest.mark.parametrize("border", ["zeros", "replicate"])
def test_pixel_gradients_agree_with_finite_differences(border: Border) -> None:
    """Central differences in float64 at single pixels: corners, edges and the middle.

    Of one picture: in one of fifteen, a ReLU or a maximum changes within the step.
    """
    extractor = folded(True, torch.float64)
    image = torch.rand(1, 3, 18, 20, dtype=torch.float64, generator=torch.Generator().manual_seed(0))

    def loss(x: Tensor) -> Tensor:
        return sum((f.sin().mean() for f in extractor(x, STYLE_TAPS, border).values()), x.new_zeros(()))

    pixels = image.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss(pixels), pixels)
    step = 1e-6
    for place in [(0, 0, 0, 0), (0, 1, 17, 19), (0, 2, 0, 7), (0, 0, 9, 19), (0, 1, 8, 8)]:
        bump = torch.zeros_like(image)
        bump[place] = step
        numeric = (loss(image + bump) - loss(image - bump)) / (2 * step)
        assert gradient[place].item() == pytest.approx(numeric.item(), rel=1e-5, abs=1e-12)


def test_taps_come_one_by_one_and_their_losses_gradients_are_made_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loss made while walking is gone back through right before its own layer, not before all others."""
    order: list[str] = []
    backward = FrozenConvReLU.backward

    def noted(ctx: object, grad: Tensor) -> object:
        order.append("layer")
        return backward(ctx, grad)

    monkeypatch.setattr(FrozenConvReLU, "backward", staticmethod(noted))
    image = torch.rand(1, 3, 32, 32, requires_grad=True)
    losses = []
    for tap, features in folded(False, torch.float32).walk(image, ("conv3", "conv1")):
        seen = features * 1
        seen.register_hook(lambda _, tap=tap: order.append(tap))
        losses.append(seen.sum())
    torch.stack(losses).sum().backward()
    assert order == ["conv3", "layer", "layer", "conv1", "layer"]


def test_the_next_layer_goes_on_from_what_is_sent_back() -> None:
    extractor, image = folded(False, torch.float32), torch.rand(1, 3, 32, 32)
    walk = extractor.walk(image, ("conv1", "conv2"))
    tap, features = next(walk)
    assert tap == "conv1"
    tap, doubled = walk.send(2 * features)
    assert tap == "conv2"
    conv2 = extractor.forward["conv2"]
    torch.testing.assert_close(doubled, conv2.relu(2 * features, 1))


def test_a_gradient_that_others_have_too_is_not_overwritten() -> None:
    """What autograd hands to a tap may be somebody else's tensor, here the one that is asked for."""
    image = torch.rand(1, 3, 32, 32, requires_grad=True)
    features = folded(False, torch.float32)(image, TAPS)
    given = [torch.randn_like(f) for f in features.values()]
    kept = [g.clone() for g in given]
    torch.autograd.grad(list(features.values()), image, given)
    for now, before in zip(given, kept, strict=True):
        assert torch.equal(now, before)


@pytest.mark.parametrize("pooling", ["max", "average"])
def test_going_back_twice_gives_the_same_gradient(pooling: Pooling) -> None:
    """Gradients between layers are masked in place, and what is needed for the second time is none of them."""
    image = torch.rand(1, 3, 32, 36, requires_grad=True)
    loss = folded(False, torch.float32)(image, ["conv7"], pooling=pooling)["conv7"].square().mean()
    first, second = (torch.autograd.grad(loss, image, retain_graph=True)[0] for _ in range(2))
    assert torch.equal(first, second)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("in_place", [True, False])
def test_a_relus_gradient_passes_where_its_output_is_above_zero(dtype: torch.dtype, in_place: bool) -> None:
    least = torch.finfo(dtype).tiny
    y = torch.tensor([0.0, -0.0, least, 3.0, torch.inf, torch.nan], dtype=dtype)
    grad = torch.tensor([1.0, 2.0, -3.0, 4.0, -5.0, 6.0], dtype=dtype)
    before = grad.clone()
    masked = masked_by_relu(grad, y, in_place=in_place)
    assert masked.tolist() == [0, 0, -3, 4, -5, 6]
    assert masked.dtype == dtype
    assert (masked is grad) == in_place
    assert in_place or torch.equal(grad, before)


def test_the_network_is_frozen() -> None:
    extractor = folded(True, torch.float32)
    features = extractor(torch.rand(1, 3, 32, 32, requires_grad=True), ["conv4"])
    for layer in LAYERS:
        assert not extractor.forward[layer.name].kernel.requires_grad
    assert features["conv4"].requires_grad


@pytest.mark.parametrize(("taps", "count"), [(["conv1"], 1), (["conv4", "conv2"], 4), (["conv13"], 13)])
def test_it_stops_at_the_deepest_tap(taps: list[str], count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    real = Convolution.relu

    def counting(convolution: Convolution, x: Tensor, padding: int) -> Tensor:
        calls.append(1)
        return real(convolution, x, padding)

    monkeypatch.setattr(Convolution, "relu", counting)
    folded(False, torch.float32)(torch.rand(1, 3, 32, 32), taps)
    assert len(calls) == count


def test_a_tap_is_not_overwritten_by_the_layers_behind_it() -> None:
    extractor, image = folded(True, torch.float32), torch.rand(1, 3, 32, 32)
    alone, together = extractor(image, ["conv2"])["conv2"], extractor(image, TAPS)["conv2"]
    assert torch.equal(alone, together)


def test_a_replicated_border_leaves_a_flat_image_flat_and_zeros_do_not() -> None:
    extractor, flat = folded(False, torch.float32), torch.full((1, 3, 16, 16), 0.9)
    kept, darkened = (extractor(flat, ["conv1"], border)["conv1"] for border in ("replicate", "zeros"))
    assert kept.std((2, 3)).max() < 1e-6
    assert darkened.std((2, 3)).max() > 1e-3


def test_bfloat16_features_are_close_to_float32() -> None:
    """8 bits of mantissa round by at most 0.4 % an operation; over 13 layers that has been seen to reach 1.5 %."""
    image = torch.rand(1, 3, 48, 48)
    low, high = (folded(True, dtype)(image, TAPS) for dtype in (torch.bfloat16, torch.float32))
    assert max(difference(low[tap].float(), high[tap]) for tap in TAPS) < 0.03


def circular_taps(image: Tensor, pooling: Pooling) -> dict[str, Tensor]:
    """Features of PyTorch's own layers with circular padding, in float64."""
    x, feature_maps = normalize(image, list(IMAGENET_MEAN), list(IMAGENET_STD)), {}
    for layer, index in zip(LAYERS, torchvision_indices(False), strict=True):
        if layer.pool:
            x = (torch.nn.MaxPool2d(2) if pooling == "max" else torch.nn.AvgPool2d(2))(x)
        conv = torch.nn.Conv2d(
            layer.in_channels, layer.out_channels, 3, padding=1, padding_mode="circular", dtype=torch.float64
        )
        conv.load_state_dict(torchvision_network(False).features[index].state_dict())
        feature_maps[layer.name] = x = conv(x).relu()
    return feature_maps


@pytest.mark.parametrize("pooling", ["max", "average"])
@pytest.mark.parametrize("shape", [(1, 3, 32, 48), (2, 3, 16, 32)])
def test_what_wraps_around_equals_circular_layers_and_so_does_its_gradient(
    pooling: Pooling, shape: tuple[int, ...]
) -> None:
    image = torch.rand(shape, dtype=torch.float64, requires_grad=True)
    gradients = []
    ours, theirs = folded(False, torch.float64)(image, TAPS, "wrap", pooling), circular_taps(image, pooling)
    for features in (ours, theirs):
        loss = sum((features[tap].square().mean() for tap in TAPS), image.new_zeros(()))
        gradients.append(torch.autograd.grad(loss, image)[0])
    assert max(difference(ours[tap].detach(), theirs[tap].detach()) for tap in TAPS) < FLOAT64
    assert difference(*gradients) < FLOAT64


@pytest.mark.parametrize("pooling", ["max", "average"])
def test_on_a_torus_the_features_of_a_rolled_picture_are_rolled(pooling: Pooling) -> None:
    image, extractor = torch.rand(1, 3, 48, 64, dtype=torch.float64), folded(False, torch.float64)
    rolled = extractor(image.roll((16, -32), (2, 3)), TAPS, "wrap", pooling)
    for layer in LAYERS:
        expected = extractor(image, TAPS, "wrap", pooling)[layer.name]
        expected = expected.roll((16 // layer.stride, -32 // layer.stride), (2, 3))
        assert difference(rolled[layer.name], expected) < FLOAT64, layer.name


def test_a_picture_that_poolings_would_cut_cannot_wrap_around() -> None:
    extractor, image = folded(False, torch.float32), torch.rand(1, 3, 36, 32)
    with pytest.raises(ImageError, match=r"32x36 px can't wrap around: to conv13 both sides must be multiples of 16"):
        extractor(image, ["conv2", "conv13"], "wrap")
    assert extractor(image, ["conv7"], "wrap")["conv7"].shape == (1, 256, 9, 8)


@pytest.mark.parametrize("border", ["zeros", "replicate", "wrap"])
def test_forward_and_backward_read_nothing_from_the_device(border: Border) -> None:
    """As on a device that holds no numbers; else a step could not be recorded as a graph."""
    extractor = Extractor.on(folded_weights(False), "meta", torch.float32)
    image = torch.rand(1, 3, 32, 48, device="meta", requires_grad=True)
    features = extractor(image, ["conv13"], border)["conv13"]
    assert features.shape == (1, 512, 2, 3)
    assert torch.autograd.grad(features.sum(), image)[0].shape == image.shape
