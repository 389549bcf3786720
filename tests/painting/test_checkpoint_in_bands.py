"""Checkpoints of a run that does without something: it goes on so, whatever room there is then."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from nst.errors import CheckpointError
from nst.painting.backbone import Backbone
from nst.painting.painting import Painting, stylize
from nst.painting.room import EVERYTHING, Room
from nst.pictures.picture import Picture
from nst.recipe import Recipe
from tests.painting.test_checkpoint import told

ROOM = Room(whole=45 * 40, kept_from=3, band=1 << 17, history=3, half=True)
"""Of two scales the second is painted in bands."""


def painting(backbone: Backbone, content: Picture, style: Picture, room: Room) -> Painting:
    recipe = Recipe(size=64, start_size=40, scale_step=1.5, first_steps=6, last_steps=6, upscale=True)
    made = stylize(content, style, recipe, backbone=backbone)
    made.make_do_with(room)
    return made


def test_in_bands_it_goes_on_to_the_same_picture(backbone: Backbone, content: Picture, style: Picture) -> None:
    checkpoints: dict[int, bytes | None] = {}
    whole = told(painting(backbone, content, style, ROOM), checkpoints)
    for iteration in (4, 6, 10):
        data, resumed = checkpoints[iteration], painting(backbone, content, style, EVERYTHING)
        assert data is not None
        resumed.resume(data)
        resumed.make_do_with(EVERYTHING)
        assert resumed.room == ROOM
        assert told(resumed) == whole[iteration:]


@pytest.mark.parametrize(
    "change", [{"history": 0}, {"history": 10**9}, {"history": "3"}, {"half": 1}, {"band": -1}, {"whole": 0.5}]
)
def test_a_room_that_is_none_is_damage(
    backbone: Backbone, content: Picture, style: Picture, change: dict[str, object]
) -> None:
    made = painting(backbone, content, style, ROOM)
    next(made)
    data = made.checkpoint()
    assert data is not None
    told_room, other = (json.dumps(json.dumps(asdict(ROOM) | each)).encode()[1:-1] for each in ({}, change))
    assert told_room in data
    length = int.from_bytes(data[:8], "little") + len(other) - len(told_room)
    changed = length.to_bytes(8, "little") + data[8:].replace(told_room, other)
    with pytest.raises(CheckpointError, match="damaged"):
        painting(backbone, content, style, EVERYTHING).resume(changed)
