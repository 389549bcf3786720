"""The filmstrips that come with the program, and one that is computed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from gradio.context import LocalContext

from nst.locations import EXAMPLES
from nst.pictures.reading import load_image
from nst.pictures.writing import save_image
from nst.serving.job import Job
from nst.serving.local import LocalWorker
from nst.taps import ARTICLE_STYLE_TAPS
from nst.ui.filmstrips_panel import FilmstripsPanel, frames_of, ready_strips
from nst.ui.visitor_jobs import VisitorJobs
from tests.conftest import smooth_picture


def test_the_strips_in_the_repository_are_whole_and_small() -> None:
    strips = ready_strips()
    assert len(strips) == 6
    for name, strip in strips.items():
        assert load_image(EXAMPLES / strip["kind"] / f"{name}.jpg").digest == strip["digest"]
        frames = list(frames_of(name))
        assert len(frames) == len(ARTICLE_STYLE_TAPS)
        assert len({frame.rgb.shape for frame in frames}) == 1
        if strip["kind"] == "content":  # the deeper the layer, the less of the pixels it keeps
            assert frames[0].metrics.psnr > 25
            assert frames[-1].metrics.psnr < 15
    assert sum(path.stat().st_size for path in (EXAMPLES / "layers").iterdir()) < 1_500_000


def strips_shown(worker: LocalWorker, path: Path) -> list[str]:
    """What is shown of a content's strip, one after another."""

    async def compute() -> list[str]:
        with gr.Blocks(analytics_enabled=False) as page:
            FilmstripsPanel(worker, {kind: gr.Image() for kind in ("content", "style")}, VisitorJobs())
        LocalContext.blocks.set(page)
        event = next(fn for fn in page.fns.values() if fn.name == "compute")
        return [html async for html in event.fn(str(path), gr.Request(session_hash="a"))]

    return asyncio.run(compute())


def test_a_frame_that_was_stopped_is_none_and_no_other_is_begun(
    worker: LocalWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted: list[Job] = []
    submit, take = worker.submit, Job.take

    def noted(*given: Any, **options: Any) -> Job:
        submitted.append(submit(*given, **options))
        return submitted[-1]

    def taken(job: Job, report: Any) -> None:
        take(job, report)
        job.stop()  # with a picture of its first steps

    monkeypatch.setattr(worker, "submit", noted)
    monkeypatch.setattr(Job, "take", taken)
    shown = strips_shown(worker, save_image(smooth_picture(64, 48, seed=1), tmp_path / "a.png"))
    assert len(submitted) == 1
    assert submitted[0].state == "stopped"
    assert submitted[0].picture is not None
    assert "Stopped at step" in shown[-1]
    assert "<figure" not in shown[-1]
