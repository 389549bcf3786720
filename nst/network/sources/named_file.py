"""Weights in a file on this machine: one that somebody named, or a copy that a cache keeps."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from ...errors import WeightsError
from ..weights import Weights, from_state


def from_file(path: Path) -> Weights:
    """A safetensors file, or a torch file that holds nothing but tensors, of vgg16_bn or vgg16."""
    return read_weights(path, f"file {path.name}")


def read_weights(path: Path, source: str, sha256: str = "") -> Weights:
    """From a file, with its SHA-256 added to the source.

    sha256: what that has to begin with.  Raises WeightsError when it does not, or when the file holds something else
    than a state dict of vgg16_bn or vgg16.
    """
    if not path.is_file():
        raise WeightsError(f"There is no weights file at {path}.")
    try:
        digest = _sha256(path)
        state = _state_dict(path) if digest.startswith(sha256) else None
    except Exception as error:  # both loaders raise whatever their parser raises
        kind = type(error).__name__
        raise WeightsError(
            f"{path} can't be read ({kind}): give a safetensors file or a torch state dict of vgg16_bn or vgg16."
        ) from None
    if state is None:
        raise WeightsError(f"{path} does not match its SHA-256.")
    return from_state(state, f"{source}, sha256 {digest}")


def _state_dict(path: Path) -> Mapping[str, Any]:
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    state = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(state, Mapping):
        raise TypeError
    return state


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
