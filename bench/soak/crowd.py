"""All kinds of clients at once, for some time."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from . import strangers, visitors
from .tally import Tally

MAX_VISITS = 20_000
"""Of one client, however long the soak."""

Visit = Callable[[str, Tally, random.Random], None]


@dataclass(frozen=True)
class Kind:
    """clients: how many of this kind come at once.  pause: the most seconds between two visits of one."""

    name: str
    visit: Visit
    clients: int
    pause: float


def kinds() -> list[Kind]:
    """Those of a mixed load on a small machine: the line is seldom empty, and seldom full."""
    return [
        Kind("painting", visitors.paint, clients=3, pause=2),
        Kind("cancelling", visitors.cancel, clients=1, pause=6),
        Kind("vanishing", strangers.vanish, clients=1, pause=6),
        Kind("nonsense", strangers.send_nonsense, clients=1, pause=2),
        Kind("too much", strangers.send_too_much, clients=1, pause=20),
        *([Kind("agent", visitors.ask_as_agent, clients=1, pause=8)] if visitors.has_agents() else []),
    ]


def come(url: str, tally: Tally, seconds: float, seed: int) -> None:
    """Have all of them come again and again for so long; returns when the last visit is over."""
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_keep_coming, args=(kind, url, tally, until, random.Random(f"{seed} {kind.name} {n}")))
        for kind in kinds()
        for n in range(kind.clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _keep_coming(kind: Kind, url: str, tally: Tally, until: float, chance: random.Random) -> None:
    for _ in range(MAX_VISITS):
        pause = chance.uniform(0, kind.pause)
        if time.monotonic() + pause > until:
            return
        time.sleep(pause)
        try:
            kind.visit(url, tally, chance)
        except Exception as error:  # whatever a client's library raises, it is something to be told
            tally.wrong(kind.name, f"{type(error).__name__}: {error}")
