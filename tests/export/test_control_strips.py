"""The strips of the settings: what they are made of is there, and it is of one size."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from export.control_strips import FOLDER, PANEL, STRIPS, Panel
from nst.locations import EXAMPLES


def test_every_strip_has_its_picture_and_no_other_is_there() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(STRIPS)


@pytest.mark.parametrize("panel", {repr(p): p for rows in STRIPS.values() for row in rows for p in row}.values())
def test_a_panel_is_made_of_what_lies_here_and_of_settings_that_exist(panel: Panel) -> None:
    places = [EXAMPLES / kind / f"{panel.content}.jpg" for kind in ("content", "style")]
    assert panel.content is None or any(place.is_file() for place in places)
    assert all((EXAMPLES / "style" / f"{style}.jpg").is_file() for style in panel.styles)
    for mask in (panel.mask, panel.style_mask):
        assert mask is None or (EXAMPLES / "mask" / f"{mask}.png").is_file()


@pytest.mark.parametrize("rows", STRIPS.values(), ids=STRIPS)
def test_all_panels_of_a_strip_are_of_one_size(rows: Sequence[Sequence[Panel]]) -> None:
    sizes = {panel.recipe.size * (2 if panel.tiled else 1) for row in rows for panel in row}
    assert len(sizes) == 1
    assert min(sizes) >= PANEL
