"""`gramarye`, and `python -m nst`: one command, its errors in one line, and its exit code.

0: done.  2: an error, which is said in one line on stderr.  128 + the number of a signal: stopped by it, by Ctrl-C
with 130; a painting is saved as it is then.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..errors import NstError
from ..pages import take_large_pages
from ..threads import share_cores
from .signals import Interrupted, exiting, raising
from .terminal import say


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.  arguments: default those of the process."""
    share_cores()
    take_large_pages()
    try:
        with raising():
            with exiting("Stopped: nothing was written."):
                from .parser import parse

                options = parse(sys.argv[1:] if arguments is None else arguments)
            exit_code: int = options.run(options)
    except NstError as error:
        say(f"error: {error}")
        return 2
    except Interrupted as interruption:
        say(str(interruption))
        return interruption.exit_code
    return exit_code
