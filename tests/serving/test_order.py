"""What crosses to another process and back: a job computed there is the job computed here."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
import torch

from nst.errors import DivergedError
from nst.painting.backbone import Backbone
from nst.painting.painting import Painting, stylize
from nst.pictures.picture import Picture
from nst.recipe import Recipe
from nst.serving.execution import End, Report, Snapshot, execute
from nst.serving.job import Job
from nst.serving.order import Order, pack
from tests.conftest import smooth_picture
from tests.serving.support import WatchedPainting


def crossed(job: Job, backbone: Backbone) -> list[Report]:
    """The reports of a job that goes to another process and comes back, as far as a pickle is one."""
    order: Order = pickle.loads(pickle.dumps(Order.of(job)))
    packed = (pickle.dumps(report) for report in order.execute(backbone) if report is not None)
    reports: list[Report] = [pickle.loads(report).unpack() for report in packed]
    return reports


def in_8_bits(picture: Picture | None) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    assert picture is not None
    return np.asarray(picture.to_pil())


def test_a_job_computed_elsewhere_reports_what_it_would_here(
    backbone: Backbone, paint: Callable[..., WatchedPainting]
) -> None:
    here = [report for report in execute(paint(), interval=0.0) if report is not None]
    there = crossed(Job(paint(), interval=0.0), backbone)
    assert [type(report) for report in there] == [Snapshot, Snapshot, Snapshot, End]
    for ours, theirs in zip(here, there, strict=True):
        assert np.array_equal(in_8_bits(theirs.picture), in_8_bits(ours.picture))
        assert theirs.picture is not None
        assert ours.picture is not None
        assert theirs.picture.name == ours.picture.name
        assert theirs.picture.provenance == ours.picture.provenance
        assert [frame.tobytes() for frame in theirs.frames] == [frame.tobytes() for frame in ours.frames]
        if isinstance(ours, Snapshot) and isinstance(theirs, Snapshot):
            assert theirs.losses == ours.losses
            for field in fields(ours.progress):
                if not field.name.startswith("seconds"):
                    assert getattr(theirs.progress, field.name) == getattr(ours.progress, field.name)
        elif isinstance(ours, End) and isinstance(theirs, End):
            assert (theirs.state, theirs.error) == (ours.state, None)


def test_between_two_reports_whoever_computes_can_look_up(
    backbone: Backbone, paint: Callable[..., WatchedPainting]
) -> None:
    reports = list(Order.of(Job(paint(), interval=float("inf"))).execute(backbone))
    assert [report is None for report in reports] == [False, True, False, False]  # of three steps, and the end


def test_interval_film_and_last_step_cross_too(backbone: Backbone, paint: Callable[..., WatchedPainting]) -> None:
    painting = paint(first_steps=5)
    painting.last_iteration = 4
    *snapshots, end = crossed(Job(painting, interval=float("inf"), filmed=False), backbone)
    assert len(snapshots) == 1
    assert all(report.frames == () for report in (*snapshots, end))
    assert end.picture is not None
    assert end.picture.provenance is not None
    assert end.picture.provenance["iterations"] == [4, 5]


def test_transparency_and_masks_cross_too(backbone: Backbone, style: Picture) -> None:
    alpha = torch.zeros(1, 1, 40, 48)
    alpha[..., 24:] = 1
    content = Picture(smooth_picture(48, 40, seed=1).rgb, alpha)

    def masked() -> Painting:
        recipe = Recipe(start_size=0, first_steps=2)
        mask, meant = Picture(alpha.expand(1, 3, 40, 48)), torch.ones(1, 3, 44, 40)
        meant[..., :20] = 0
        return stylize(content, style, recipe, mask=mask, style_mask=Picture(meant), backbone=backbone)

    *_, end = crossed(Job(masked()), backbone)
    assert end.picture is not None
    assert end.picture.alpha is not None
    assert torch.equal(end.picture.alpha, alpha)
    assert np.array_equal(in_8_bits(end.picture), in_8_bits(masked().result()))
    assert end.picture.provenance is not None
    assert set(end.picture.provenance["inputs"]) == {"content", "style", "mask", "style_mask"}


def test_our_own_errors_cross_as_they_are() -> None:
    returned = pickle.loads(pickle.dumps(pack(End("failed", error=DivergedError("lower learning_rate"))))).unpack()
    assert returned.state == "failed"
    assert isinstance(returned.error, DivergedError)
    assert str(returned.error) == "lower learning_rate"


class StrangeError(Exception):
    """Can be pickled, but not made again."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} and {second}")


def test_of_a_strangers_error_the_words_and_the_traceback_cross() -> None:
    with pytest.raises(StrangeError) as caught:
        raise StrangeError("this", "that")
    with pytest.raises(TypeError):
        pickle.loads(pickle.dumps(caught.value))
    returned = pickle.loads(pickle.dumps(pack(End("failed", error=caught.value)))).unpack()
    assert isinstance(returned.error, RuntimeError)
    assert str(returned.error) == "StrangeError: this and that"
    assert "test_order.py" in returned.error.__notes__[0]


class NotingUnpickler(pickle.Unpickler):
    """Notes the packages whose classes and functions a pickle asks for."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.packages: set[str] = set()

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        self.packages.add(module_name.split(".", maxsplit=1)[0])
        return super().find_class(module_name, global_name)


def test_nothing_that_crosses_is_a_tensor(backbone: Backbone, paint: Callable[..., WatchedPainting]) -> None:
    """Which would have whoever unpickles it set up its device."""
    order = Order.of(Job(paint()))
    for item in (order, *filter(None, order.execute(backbone))):
        unpickler = NotingUnpickler(io.BytesIO(pickle.dumps(item)))
        unpickler.load()
        assert unpickler.packages <= {"nst", "numpy"}
