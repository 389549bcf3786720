"""A visitor's series on its way through a worker."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nst.painting.backbone import Backbone
from nst.pictures.writing import save_image
from nst.recipe import Recipe
from nst.serving.axes import axes_of, plan_series
from nst.serving.local import LocalWorker
from nst.serving.series import Series
from nst.ui import series_run
from nst.ui.series_run import SeriesRun
from nst.ui.visits import Visits
from tests.conftest import smooth_picture


def test_who_waits_for_room_in_the_line_is_told_so_and_can_stop(
    backbone: Backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save_image(smooth_picture(32, 32, seed=1), tmp_path / "a.png")
    plan = plan_series(["a.png"], axes_of(["seed=1,2"]), Recipe(size=32, start_size=0))
    run = SeriesRun(Series(plan, path, [path], backbone), path, (path,), tmp_path, None)
    monkeypatch.setattr(series_run, "_taken", lambda *_, **__: None)  # as the line is full of others
    request: Any = SimpleNamespace(session_hash="a", request=SimpleNamespace(scope={}), client=None)
    visits = Visits()

    async def visit() -> list[bool]:
        told = []
        with visits.begin(request) as own:
            async for step in run.steps(LocalWorker(backbone), request, own):
                told.append(step.is_waiting)
                if len(told) == 2:
                    visits.stop(request)
        return told

    assert asyncio.run(visit()) == [True, True]
    assert run.pictures == {}
