"""Make the model file: `gramarye export`, and `python -m export` in a checkout."""

from __future__ import annotations

import argparse
from pathlib import Path

from .signals import Interrupted, exiting
from .terminal import say

ABOUT = "Find pretrained weights, write the model file from them, and prove that it is right."

NOTHING_WRITTEN = "Stopped: nothing was written."


def add_options(parser: argparse.ArgumentParser) -> None:
    """The command's options, on a parser of whoever offers it."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--weights", type=Path, metavar="FILE", help="a safetensors or torch file of vgg16_bn or vgg16")
    source.add_argument(
        "--random", type=int, metavar="SEED", help="seeded random weights instead of pretrained ones, for tests"
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="default: NST_MODEL, else models/vgg16_bn.onnx in a checkout, else the user's cache folder",
    )
    parser.add_argument(
        "--unknown-weights",
        action="store_true",
        help="accept a --weights FILE that is not ImageNet's, and say so in the model",
    )


def run(options: argparse.Namespace) -> int:
    """Export, and return the exit code 0.  Raises NstError; until the file is proven, none is written."""
    with exiting(NOTHING_WRITTEN):
        from ..network.build import make_model

    try:
        make_model(options.output, say, file=options.weights, seed=options.random, unknown=options.unknown_weights)
    except Interrupted as interruption:
        raise Interrupted(interruption.exit_code - 128, NOTHING_WRITTEN) from None
    return 0
