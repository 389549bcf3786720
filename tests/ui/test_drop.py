"""A picture that was made here offers its recipe."""

from __future__ import annotations

from pathlib import Path

import pytest

from nst.locations import EXAMPLES
from nst.ui.drop import offered


@pytest.mark.parametrize(
    ("path", "is_offered"),
    [
        (EXAMPLES / "finished" / "colosseum-starry_night.jpg", True),
        (EXAMPLES / "content" / "colosseum.jpg", False),
        (Path(__file__), False),
        (None, False),
    ],
)
def test_only_a_picture_with_a_recipe_offers_it(path: Path | None, is_offered: bool) -> None:
    assert offered(str(path) if path else None)["visible"] == is_offered
