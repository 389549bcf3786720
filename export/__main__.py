"""python -m export: write models/vgg16_bn.onnx; the same as `gramarye export`, with its options."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from nst.cli.main import main as gramarye


def main(arguments: Sequence[str]) -> int:
    """Export, and return the exit code."""
    return gramarye(["export", *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
