"""python -m export: write models/vgg16_bn.onnx."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from nst.errors import NstError


def main(arguments: list[str] | None = None) -> int:
    """Parse, export, and return the exit code: 0, or 2 with one sentence on stderr."""
    parser = argparse.ArgumentParser(prog="python -m export", description=__doc__)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--weights", type=Path, metavar="FILE", help="a safetensors or torch file of vgg16_bn or vgg16")
    source.add_argument(
        "--random", type=int, metavar="SEED", help="seeded random weights instead of pretrained ones, for tests"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: NST_MODEL, or models/vgg16_bn.onnx")
    parser.add_argument(
        "--unknown-weights",
        action="store_true",
        help="accept a --weights FILE that is not ImageNet's, and say so in the model",
    )
    options = parser.parse_args(arguments)

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    try:
        from nst.network.build import export_model
        from nst.network.weights import find_weights, random_weights

        weights = find_weights(options.weights, say) if options.random is None else random_weights(options.random)
        export_model(options.output, weights, say, unknown=options.unknown_weights)
    except NstError as error:
        say(f"error: {error}")
        return 2
    except KeyboardInterrupt:
        say("Interrupted: nothing was written.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
