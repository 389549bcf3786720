"""Tables as they stand in docs/measurements.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .ledger import Row


def markdown(head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """A table's lines."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def cells(row: Row, names: Sequence[str]) -> list[str]:
    """How many pictures a row has, its means by these names with "-" for what some picture lacks, and its seconds."""
    means = row.means()
    return [str(len(row.each)), *(str(means.get(name, "-")) for name in names), f"{row.seconds:.3g}"]
