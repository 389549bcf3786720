"""Weights from the Hugging Face Hub, by its own client and in its own cache."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ...errors import WeightsError
from ...version import VERSION
from ..say import Say
from ..weights import Weights
from .named_file import read_weights
from .patience import PATIENCE, Pulse, promptly, reason

HUB_REPO, HUB_FILE = "timm/vgg16_bn.tv_in1k", "model.safetensors"
HUB_SOURCE = f"Hugging Face Hub {HUB_REPO}"

SILENCE = 60.0
"""Seconds without progress after which a download that has begun is given up.

The client reports progress every 10 MB, so this also sets the slowest connection that is good enough: 170 kB/s.
"""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}")


def from_hub(say: Say = print, *, patience: float = PATIENCE, silence: float = SILENCE) -> Weights:
    """timm's copy, checked against the SHA-256 that the Hub states for it.

    A sound copy in the cache is used without asking the Hub.  patience: seconds that the Hub may take
    to answer; left alone, its client keeps trying for half a minute.  silence: as `SILENCE`.  Raises WeightsError.
    """
    from huggingface_hub import try_to_load_from_cache

    cached = try_to_load_from_cache(HUB_REPO, HUB_FILE)
    if isinstance(cached, str):
        try:
            return read_weights(Path(cached), HUB_SOURCE, _sha256_in_name(Path(cached)))
        except WeightsError as error:
            say(f"  The copy in the Hub's cache is damaged, so it is downloaded again: {error}")
    path, sha256 = _download(patience, silence, Path(cached) if isinstance(cached, str) else None)
    return read_weights(path, HUB_SOURCE, sha256)


def _download(patience: float, silence: float, damaged: Path | None) -> tuple[Path, str]:
    """Path in the cache, and the SHA-256 that the Hub states, "" where it states none.

    damaged: the copy in the cache that it replaces.
    """
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url

    url, pulse = hf_hub_url(HUB_REPO, HUB_FILE), Pulse()
    caller: dict[str, Any] = {"library_name": "gramarye", "library_version": VERSION}
    waited = patience
    try:
        metadata = promptly(lambda: get_hf_file_metadata(url, timeout=patience, **caller), patience)
        if not _COMMIT.fullmatch(metadata.commit_hash or ""):
            raise WeightsError("it states no commit, as the Hub does")
        if damaged:
            damaged.unlink(missing_ok=True)  # the client never replaces a file that exists
        waited = silence
        pulse.beat()
        bar = _beating_bar(pulse)
        path = promptly(
            lambda: hf_hub_download(
                HUB_REPO, HUB_FILE, etag_timeout=patience, force_download=damaged is not None, tqdm_class=bar, **caller
            ),
            silence,
            pulse,
        )
    except Exception as error:  # the Hub client's errors come from several libraries
        raise WeightsError(f"{url} can't be downloaded ({reason(error, waited)}).") from None
    etag = metadata.etag or ""
    return Path(path), etag if _SHA256.fullmatch(etag) else ""


def _beating_bar(pulse: Pulse) -> type:
    """The client's own progress bar, which makes the pulse beat whenever it moves."""
    from huggingface_hub.utils.tqdm import tqdm

    class BeatingBar(tqdm):
        def update(self, n: float | None = 1) -> bool | None:
            pulse.beat()
            return super().update(n)

    return BeatingBar


def _sha256_in_name(path: Path) -> str:
    """The cache links to files that are named for their SHA-256; "" where it had to make copies."""
    name = path.resolve().name
    return name if _SHA256.fullmatch(name) else ""
