"""What the clients saw, counted from many threads at once."""

from __future__ import annotations

import threading
from collections import Counter

MAX_WRONGS = 50
"""Of so many wrongs the text is kept; all are counted."""


class Tally:
    """How often each kind of client came to each end, and what went wrong.

    uploads: files that were sent.  jobs: that were accepted.
    """

    def __init__(self) -> None:
        self.ends: Counter[tuple[str, str]] = Counter()
        self.wrongs: list[str] = []
        self.uploads = 0
        self.jobs = 0
        self._lock = threading.Lock()

    def end(self, kind: str, outcome: str) -> None:
        """A client of this kind came to an end that is as it should be."""
        with self._lock:
            self.ends[kind, outcome] += 1

    def wrong(self, kind: str, what: str) -> None:
        """A client of this kind met with something that should not be."""
        with self._lock:
            self.ends[kind, "WRONG"] += 1
            if len(self.wrongs) < MAX_WRONGS:
                self.wrongs.append(f"{kind}: {what[:300]}")

    def uploaded(self, files: int = 1) -> None:
        with self._lock:
            self.uploads += files

    def accepted(self) -> None:
        with self._lock:
            self.jobs += 1

    @property
    def wrong_count(self) -> int:
        return sum(count for (_, outcome), count in self.ends.items() if outcome == "WRONG")

    def rows(self) -> dict[str, dict[str, int]]:
        """kind -> outcome -> count."""
        table: dict[str, dict[str, int]] = {}
        for (kind, outcome), count in sorted(self.ends.items()):
            table.setdefault(kind, {})[outcome] = count
        return table
