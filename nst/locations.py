"""Where the program's own files lie: in a checkout, on a Space, or installed as a package."""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).parent

MODEL_NAME = "vgg16_bn.onnx"


def checkout() -> Path | None:
    """The root of the project that this package is part of; None where it was installed without one."""
    root = PACKAGE.resolve().parent
    return root if (root / "Spaces.yaml").is_file() else None


def is_model_named() -> bool:
    """True where the user says with `NST_MODEL` which model file is to be used."""
    return bool(os.environ.get("NST_MODEL"))


def model_path() -> Path:
    """`NST_MODEL`; else models/vgg16_bn.onnx of the checkout, or the user's cache folder where there is none."""
    if named := os.environ.get("NST_MODEL"):
        return Path(named)
    if root := checkout():
        return root / "models" / MODEL_NAME
    from platformdirs import user_cache_path

    return user_cache_path("gramarye", appauthor=False) / MODEL_NAME


EXAMPLES = (checkout() or PACKAGE) / "examples"
"""The folder of the example pictures: the checkout's, or the copy that the package carries."""
