"""Earlier recipes stay what they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from export.earlier_recipes import PROTOTYPE, VERSION_0_3
from nst.recipe import Recipe


@pytest.mark.parametrize("recipe", [PROTOTYPE, VERSION_0_3])
def test_they_do_not_change_with_the_defaults(recipe: Mapping[str, Any]) -> None:
    """All that shapes its pictures is spelled out."""
    assert {name for name in Recipe().to_json() if name not in OF_THE_PICTURE} == set(recipe)


OF_THE_PICTURE = {
    "strength", "size", "upscale", "colors", "style_scale", "style_blend", "content_weight", "style_weight", "seed",
}  # fmt: skip
"""What says how strong or of which picture rather than by which means."""
