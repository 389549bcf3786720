"""Options that several measurements share."""

from __future__ import annotations

import argparse
from pathlib import Path

from .pairs import UNSEEN

WHOLE = (1, 1)
"""The part that is all of it."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """How many pairs, and what `add_run_options` adds."""
    count = len(UNSEEN)
    parser.add_argument("--pairs", type=int, default=count, choices=range(1, count + 1), metavar="N")
    add_run_options(parser)


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Where to keep the pictures, which part of them to paint, and which rows of before count."""
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="keep the pictures there")
    parser.add_argument(
        "--part",
        type=_part,
        default=WHOLE,
        metavar="I/N",
        help="paint each N-th picture alone, from the I-th on, and print no tables: so N processes share the work, "
        "whose seconds then are not those of one alone",
    )
    parser.add_argument(
        "--any-version",
        action="store_true",
        help="take a row as it was left, also where another recipe or version painted it: what it lacks is not painted",
    )


def _part(text: str) -> tuple[int, int]:
    number, _, count = text.partition("/")
    if not (number.isdigit() and count.isdigit() and 1 <= int(number) <= int(count)):
        raise argparse.ArgumentTypeError(f"{text!r} is not I/N, such as 1/2")
    return int(number), int(count)
