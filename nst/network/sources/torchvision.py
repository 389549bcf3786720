"""Weights from torchvision's server, into the folder where torch.hub keeps them."""

from __future__ import annotations

import http.client
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from ...errors import WeightsError
from ..say import Say
from ..weights import Weights
from .named_file import read_weights
from .patience import PATIENCE, promptly, reason

TORCHVISION_SOURCE = "torchvision VGG16_BN_Weights.IMAGENET1K_V1"


def from_torchvision(say: Say = print, *, url: str = "", patience: float = PATIENCE) -> Weights:
    """torchvision's own file, whose name ends in the first digits of its SHA-256.

    A damaged copy is downloaded again.  url: default that of torchvision.  patience: seconds that the server may
    be silent, at the start and in the middle.  Raises WeightsError.
    """
    url = url or _torchvision_url()
    path = Path(torch.hub.get_dir()) / "checkpoints" / Path(url).name
    sha256 = path.stem.rpartition("-")[2]
    if path.is_file():
        try:
            return read_weights(path, TORCHVISION_SOURCE, sha256)
        except WeightsError as error:
            say(f"  The copy in torch.hub's cache is damaged, so it is downloaded again: {error}")
    _download(url, path, sha256, patience)
    return read_weights(path, TORCHVISION_SOURCE, sha256)


def _torchvision_url() -> str:
    from torchvision.models import VGG16_BN_Weights

    url: str = VGG16_BN_Weights.IMAGENET1K_V1.url
    return url


def _download(url: str, path: Path, sha256: str, patience: float) -> None:
    """torch.hub downloads, and moves the file into place only when its hash is right."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        head = urllib.request.Request(url, method="HEAD", headers={"User-Agent": "gramarye"})
        promptly(lambda: urllib.request.urlopen(head, timeout=patience).close(), patience)
        with _default_timeout(patience):
            torch.hub.download_url_to_file(url, str(path), hash_prefix=sha256)
    except (OSError, http.client.HTTPException) as error:
        raise WeightsError(f"{url} can't be downloaded ({reason(error, patience)}).") from None
    except RuntimeError:  # what torch.hub raises for a wrong hash
        raise WeightsError(f"What came from {url} does not match its SHA-256.") from None


@contextmanager
def _default_timeout(seconds: float) -> Iterator[None]:
    """The time-out of every socket opened meanwhile: torch.hub sets none on its own, and has no argument for one."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
