"""The command: serve the page, write contact sheets, or take votes by number; see the package's docstring."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from . import __doc__ as DESCRIPTION
from .page import Session, server_of
from .sheet import save_sheets
from .trials import SIDES, Trial, shuffled
from .votes import Votes


def main(arguments: Sequence[str] | None = None) -> None:
    """Ends with the tally."""
    parser = argparse.ArgumentParser(
        prog="bench.blind", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("a", type=Path, metavar="A_FOLDER")
    parser.add_argument("b", type=Path, metavar="B_FOLDER")
    parser.add_argument("--votes", type=Path, metavar="FILE", default=Path("votes.json"))
    parser.add_argument("--seed", type=int, metavar="N", help="of the order and the sides; without it a random one")
    parser.add_argument(
        "--examples", type=Path, metavar="FOLDER", help="show also what pictures named CONTENT-STYLE were made of"
    )
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--sheet", type=Path, metavar="OUT.png", help="write contact sheets and serve nothing")
    parser.add_argument("--rows", type=int, default=6, metavar="N", help="pairs on a contact sheet")
    parser.add_argument("--cast", nargs="*", metavar="N=SIDE", help="votes, as 1=left 2=none; serve nothing")
    options = parser.parse_args(arguments)
    votes = Votes(options.votes, options.a, options.b, options.seed)
    trials = shuffled(options.a, options.b, votes.seed)
    if options.sheet:
        print(*save_sheets(trials, options.sheet, options.examples, options.rows), sep="\n")
    if options.cast is not None:
        cast(votes, trials, options.cast)
    if options.sheet is None and options.cast is None:
        serve(Session(trials, votes, options.examples), options.port)
    print(votes.tally(trials))


def cast(votes: Votes, trials: Sequence[Trial], texts: Sequence[str]) -> None:
    """Votes such as "1=left".  Raises SystemExit for any that is none, before one is taken."""
    by_text = {f"{trial.number}={side}": (trial, side) for trial in trials for side in SIDES}
    for text in texts:
        if text not in by_text:
            raise SystemExit(f"{text} is no vote: write a number from 1 to {len(trials)}, =, and left, right or none.")
    for text in texts:
        votes.cast(*by_text[text])


def serve(session: Session, port: int) -> None:
    """Until Ctrl-C."""
    with server_of(session, port) as server:
        print(f"http://127.0.0.1:{server.server_port} (Ctrl-C ends)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
