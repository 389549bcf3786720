"""The model file as a whole: weights in, a proven models/vgg16_bn.onnx out, or nothing at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from glob import escape
from pathlib import Path

import onnx
from filelock import FileLock

from ..errors import ModelError, WeightsError
from ..locations import is_model_named, model_path
from .find import find_weights
from .fingerprint import BACKBONES, check_fingerprint
from .graph import build_graph
from .model import Model, open_model
from .say import Say
from .verify import verify
from .weights import Weights, random_weights

Proof = Callable[[Path], tuple[str, float]]
"""As `nst.network.verify.verify`: raises ModelError for a file on which the two runtimes disagree."""


def ensure_model(
    path: Path | None = None,
    say: Say = print,
    *,
    find: Callable[[Say], Weights] | None = None,
    prove: Proof = verify,
) -> Path:
    """The model file's path; it is made first where there is none, in one process only if several ask.

    A damaged one is made again if nobody has named it.  path: default `nst.locations.model_path`.  find: what gives the
    weights, default `find_weights`.  Raises WeightsError and ModelError as `export_model` does.
    """
    is_ours = path is None and not is_model_named()
    path = path or model_path()
    if not path.is_file():
        say(f"There is no model at {path} yet: it is exported once, from pretrained weights.")
    elif is_ours and (fault := _fault_of(path)):
        say(f"{fault} It is exported again.")
    else:
        return path
    with _lock(path):
        if not path.is_file() or (is_ours and _fault_of(path)):  # another process may have been first
            _write(path, find(say) if find else find_weights(say=say), say, prove)
    return path


def _fault_of(path: Path) -> str | None:
    """Why this model file can't be used, in a sentence; None for a sound one."""
    try:
        open_model(path)
    except ModelError as error:
        return f"{str(error).partition(':')[0]}."
    return None


def make_model(
    path: Path | None = None,
    say: Say = print,
    *,
    file: Path | None = None,
    seed: int | None = None,
    unknown: bool = False,
    prove: Proof = verify,
) -> Model:
    """What the export commands do: a new model file from a file of weights, a seed, or the first source that has them.

    file: a safetensors or torch file of vgg16_bn or vgg16.  seed: of random weights.  The rest: as `export_model`.
    """
    weights = find_weights(file, say) if seed is None else random_weights(seed)
    return export_model(path, weights, say, unknown=unknown, prove=prove)


def export_model(
    path: Path | None, weights: Weights, say: Say = print, *, unknown: bool = False, prove: Proof = verify
) -> Model:
    """Write the model file from these weights, in place of an older one.

    unknown: accept weights whose fingerprint is not that of ImageNet's; the model then says so.
    Raises WeightsError when they are not what they claim, ModelError when the file can't be written or ONNX
    Runtime and PyTorch disagree on it; in both cases an older file stays as it was.
    """
    path = path or model_path()
    with _lock(path):
        _write(path, weights, say, prove, unknown)
    return open_model(path)


def _lock(path: Path) -> FileLock:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(f".{path.name}.lock")
        lock.touch()  # says at once that a folder can't be written; FileLock may wait for ever
        return FileLock(lock)
    except OSError as error:
        raise ModelError(f"{path} can't be written: {error.strerror}.") from None


def _write(path: Path, weights: Weights, say: Say, prove: Proof, unknown: bool = False) -> None:
    """Build, check and prove a file beside the final one, then move it there in one stroke; call under the lock."""
    backbone = _known_backbone(weights, say, unknown)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        for stale in path.parent.glob(f".{escape(path.name)}.*.part"):
            stale.unlink(missing_ok=True)
        arrays = {name: tensor.numpy() for name, tensor in weights.tensors.items()}
        onnx.save(build_graph(arrays, backbone, weights.source), part)
        tap, difference = prove(part)
        say(
            "ONNX Runtime and PyTorch agree at every tap; "
            f"the largest relative difference is {difference:.1e}, at {tap}."
        )
        os.replace(part, path)
    except OSError as error:
        raise ModelError(f"{path} can't be written: {error.strerror or error}.") from None
    finally:
        part.unlink(missing_ok=True)
    say(f"Wrote {path} ({path.stat().st_size / 1e6:.0f} MB).")


def _known_backbone(weights: Weights, say: Say, unknown: bool) -> str:
    """What the model file says that its backbone is."""
    backbone = weights.backbone
    if backbone not in BACKBONES:
        return backbone
    try:
        check_fingerprint(weights.tensors, backbone)
    except WeightsError:
        if unknown:
            return f"{backbone} (unknown weights)"
        raise
    say(f"The weights are ImageNet's {backbone}: every layer has its fingerprint ({weights.source}).")
    return backbone
