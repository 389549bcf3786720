"""What the examples are, as the table in examples/CREDITS.md says it."""

from __future__ import annotations

import re
from functools import cache

from ..locations import EXAMPLES


@cache
def example_titles() -> dict[str, str]:
    """File stem -> the description in the table, without what stands in brackets."""
    rows = re.findall(
        r"^\| (?:content|style)/(\w+)\.jpg \| ([^|(]+)", (EXAMPLES / "CREDITS.md").read_text("utf-8"), re.MULTILINE
    )
    return {stem: description.strip() for stem, description in rows}
