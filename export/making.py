"""What the commands that make example pictures have in common: they make all of them, or those that are named."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection
from pathlib import Path

from nst.errors import NstError


def make_named(
    about: str | None, names: Collection[str], make: Callable[[str], Path], arguments: list[str] | None = None
) -> int:
    """Parse `[NAME...]`, call `make` for each and print the file that it wrote; returns the exit code.

    about: the command's docstring.  make: from a name to the path of what it wrote.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default: all of {', '.join(names)}")
    chosen = dict.fromkeys(parser.parse_args(arguments).names) or names
    if unknown := set(chosen) - set(names):
        parser.error(f"there is no {', no '.join(sorted(unknown))}: choose from {', '.join(names)}")
    try:
        for name in chosen:
            print(make(name), flush=True)
    except NstError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted: the files printed above are complete.", file=sys.stderr)
        return 130
    return 0
