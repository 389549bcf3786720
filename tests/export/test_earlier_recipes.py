"""Earlier recipes stay what they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from export.earlier_recipes import FAST_IN_0_4, PROTOTYPE, VERSION_0_3, VERSION_0_4
from nst.recipe import Recipe


@pytest.mark.parametrize("recipe", [PROTOTYPE, VERSION_0_3, VERSION_0_4, FAST_IN_0_4])
def test_they_do_not_change_with_the_defaults(recipe: Mapping[str, Any]) -> None:
    """All is spelled out but what is left to who paints."""
    assert set(Recipe().to_json()) - LEFT == set(recipe)


LEFT = {"size", "upscale", "style_scale", "style_blend", "content_weight", "seed"}
"""Which picture it is to be, and how much of the content it keeps."""
