"""python -m export: write models/vgg16_bn.onnx."""

from __future__ import annotations

import argparse
import sys

from nst.cli.export import ABOUT, add_options, run


def main(arguments: list[str] | None = None) -> int:
    """Parse, export, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m export", description=ABOUT)
    add_options(parser)
    return run(parser.parse_args(arguments))


if __name__ == "__main__":
    sys.exit(main())
