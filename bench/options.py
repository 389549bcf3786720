"""Options that several measurements share."""

from __future__ import annotations

import argparse
from pathlib import Path

from .pairs import UNSEEN


def add_options(parser: argparse.ArgumentParser) -> None:
    """How many pairs, and what `add_run_options` adds."""
    count = len(UNSEEN)
    parser.add_argument("--pairs", type=int, default=count, choices=range(1, count + 1), metavar="N")
    add_run_options(parser)


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Where to keep the pictures, and which rows of before count."""
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="keep the pictures there")
    parser.add_argument(
        "--any-version",
        action="store_true",
        help="take a row as it was left, also where another recipe or version painted it",
    )
