"""What is reported of a painting while it is computed, and how it ends."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Collection
from dataclasses import replace
from itertools import repeat

import torch
from torch import Tensor

from nst.errors import DivergedError, OutOfMemoryError
from nst.painting.backbone import Backbone
from nst.painting.painting import Painting
from nst.painting.schedule import SETBACK
from nst.painting.targets import Targets
from nst.pictures.picture import Picture
from nst.recipe import Border, Pooling, Recipe
from nst.serving.execution import End, Snapshot, execute
from tests.serving.support import LONG, UnsoundExtractor, WatchedPainting, watched


def executed(painting: Painting, interval: float = 0.0) -> tuple[list[Snapshot], End]:
    """The snapshots and the end of a painting."""
    *reports, end = execute(painting, interval=interval)
    assert isinstance(end, End)
    return [report for report in reports if isinstance(report, Snapshot)], end


def test_snapshots_are_the_painting_as_it_was_and_stay_so(paint: Callable[..., WatchedPainting]) -> None:
    images: list[Tensor] = []
    painting = paint(first_steps=6)
    painting.after = lambda progress: images.append(progress.image())
    snapshots, end = executed(painting)
    assert [snapshot.progress.iteration for snapshot in snapshots] == [1, 2, 3, 4, 5, 6]
    assert len({snapshot.losses.total for snapshot in snapshots}) == 6
    assert all(torch.equal(snapshot.picture.rgb, image) for snapshot, image in zip(snapshots, images, strict=True))
    assert end.state == "done"


def test_the_end_brings_the_result_of_the_painting_alone(paint: Callable[..., WatchedPainting]) -> None:
    _, end = executed(paint(first_steps=12, seed=3))
    assert end.picture is not None
    assert torch.equal(end.picture.rgb, paint(first_steps=12, seed=3).result().rgb)


def test_between_two_snapshots_lies_the_interval(paint: Callable[..., WatchedPainting]) -> None:
    seconds = iter(range(1000))
    reports = list(execute(paint(first_steps=11), interval=4.0, clock=lambda: float(next(seconds))))
    snapshots = [report for report in reports if isinstance(report, Snapshot)]
    assert [snapshot.progress.iteration for snapshot in snapshots] == [1, 5, 9, 11]  # and the first and the last
    assert [snapshot.rate for snapshot in snapshots] == [1.0] * 4
    assert len(reports) == 11 + 1


def test_each_frame_of_the_time_lapse_is_reported_once(paint: Callable[..., WatchedPainting]) -> None:
    *reports, end = execute(paint(first_steps=5), interval=float("inf"))
    frames = [len(report.frames) for report in (*reports, end) if report is not None]
    assert frames == [1, 4, 0]  # with the first step, with the last, at the end
    assert all(report is None or not report.frames for report in execute(paint(), filmed=False))


def test_a_painting_that_is_stopped_ends_with_what_it_reached(paint: Callable[..., WatchedPainting]) -> None:
    painting = paint(**LONG)
    painting.after = lambda progress: painting.stop() if progress.iteration == 3 else None
    snapshots, end = executed(painting)
    assert end.state == "stopped"
    assert end.picture is not None
    assert end.picture.provenance is not None
    assert end.picture.provenance["iterations"] == [3, 10_000]
    assert torch.equal(end.picture.rgb, snapshots[-1].picture.rgb)


def test_a_painting_that_is_stopped_before_its_first_step_ends_with_nothing(
    paint: Callable[..., WatchedPainting],
) -> None:
    painting = paint()
    painting.stop()
    (end,) = execute(painting)
    assert isinstance(end, End)
    assert (end.state, end.picture, end.error) == ("stopped", None, None)


def test_pixels_that_are_no_numbers_are_never_a_picture(backbone: Backbone, content: Picture, style: Picture) -> None:
    """Stopped long before its scale ends, where the loop itself would look: with the last good picture."""
    extractor = UnsoundExtractor(**vars(backbone.extractor), sound=iter([True, True, *repeat(False, 9)]))
    unsound = replace(backbone, extractor=extractor)
    painting = watched(content, style, Recipe(**LONG), unsound)
    painting.after = lambda progress: painting.stop() if progress.iteration == 4 else None
    snapshots, end = executed(painting)
    assert [snapshot.progress.iteration for snapshot in snapshots] == [1, 2]
    assert (end.state, end.error) == ("stopped", None)
    assert end.picture is not None
    assert torch.equal(end.picture.rgb, content.rgb)


def test_a_painting_that_goes_back_goes_on_and_says_so(backbone: Backbone, content: Picture, style: Picture) -> None:
    extractor = UnsoundExtractor(**vars(backbone.extractor), sound=(step != 3 for step in range(1, 1000)))
    recipe = Recipe(start_size=0, first_steps=25, tolerance=0)
    painting = watched(content, style, recipe, replace(backbone, extractor=extractor))
    snapshots, end = executed(painting)
    assert end.state == "done"
    assert [snapshot.progress.iteration for snapshot in snapshots] == [1, 2, *range(21, 46)]
    assert {snapshot.progress.note for snapshot in snapshots[2:]} == {SETBACK}


def test_a_painting_that_leaves_the_numbers_again_fails(backbone: Backbone, content: Picture, style: Picture) -> None:
    extractor = UnsoundExtractor(**vars(backbone.extractor), sound=iter([True, True, *repeat(False, 100)]))
    _, end = executed(watched(content, style, Recipe(**LONG), replace(backbone, extractor=extractor)))
    assert (end.state, end.picture) == ("failed", None)
    assert isinstance(end.error, DivergedError)


def test_an_error_is_reported_and_lets_go_of_what_it_saw(paint: Callable[..., WatchedPainting]) -> None:
    seen: list[weakref.ref[Tensor]] = []

    def failing() -> None:
        large = torch.zeros(1000)
        seen.append(weakref.ref(large))
        try:
            raise MemoryError
        except MemoryError as error:
            raise OutOfMemoryError from error

    painting = paint()
    painting.before = failing
    snapshots, end = executed(painting)
    assert snapshots == []
    assert end.state == "failed"
    assert isinstance(end.error, OutOfMemoryError)
    assert seen[0]() is None


class WatchedTargets(Targets):
    """Keeps nothing, and calls back after each picture that the network has looked at."""

    def __init__(self, backbone: Backbone, after: Callable[[dict[str, Tensor]], object]) -> None:
        def extract(
            image: Tensor, taps: Collection[str], border: Border = "zeros", pooling: Pooling = "max"
        ) -> dict[str, Tensor]:
            features = backbone.extractor(image, taps, border, pooling)
            after(features)
            return features

        super().__init__(extract, backbone.model.digest, limit=0)


def test_a_stop_during_the_targets_ends_it_there(backbone: Backbone, content: Picture, style: Picture) -> None:
    looks: list[object] = []

    def stopping(features: dict[str, Tensor]) -> None:
        looks.append(features)
        painting.stop()

    painting = watched(content, style, Recipe(), replace(backbone, targets=WatchedTargets(backbone, stopping)))
    _, end = executed(painting)
    assert (end.state, end.picture) == ("stopped", None)
    assert len(looks) == 1  # of two: the content's and the style's


def test_a_stopped_painting_lets_go_of_its_targets(backbone: Backbone, content: Picture, style: Picture) -> None:
    kept: list[weakref.ref[Tensor]] = []
    targets = WatchedTargets(backbone, lambda features: kept.extend(map(weakref.ref, features.values())))
    recipe = Recipe(content_target="own")  # what is moved is another tensor
    painting = watched(content, style, recipe, replace(backbone, targets=targets))
    next(painting)
    gc.collect()
    assert any(ref() is not None for ref in kept)
    painting.stop()
    _, end = executed(painting)
    gc.collect()
    assert end.picture is not None
    assert [ref() for ref in kept if ref() is not None] == []
