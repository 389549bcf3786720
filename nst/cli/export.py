"""Make the model file: `gramarye export`, and `python -m export` in a checkout."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..errors import NstError

ABOUT = "Find pretrained weights, write the model file from them, and prove that it is right."


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
    """Export, and return the exit code: 0, 2 with one sentence on stderr, or 130 after Ctrl-C."""
    try:
        from ..network.build import make_model

        make_model(options.output, _say, file=options.weights, seed=options.random, unknown=options.unknown_weights)
    except NstError as error:
        _say(f"error: {error}")
        return 2
    except KeyboardInterrupt:
        _say("Interrupted: nothing was written.")
        return 130
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
