"""ZeroGPU: what crosses the fork, the seconds asked for, and the app with the real `spaces` package at work."""

from __future__ import annotations

import base64
import math
import pickle
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from nst.serving.engine import Job
from PIL import Image

from nst.errors import BusyError, CostError, DivergedError
from nst.painting.backbone import Backbone
from nst.painting.painting import Run, stylize
from nst.pictures.picture import Picture
from nst.pictures.writing import save_image
from nst.recipe import Recipe
from nst.serving import zero_gpu as zero
from nst.serving.cost import Cost
from nst.serving.zero_gpu import SPEED, End, News, Order, ZeroEngine, ZeroJob, asked_seconds
from tests.conftest import smooth_picture
from tests.serving.zero_stand_in import ZeroStandIn
from tests.ui.conftest import Server, serving

QUICK: dict[str, Any] = {"size": 32, "first_steps": 3, "start_size": 0}
LONG: dict[str, Any] = {"size": 64, "first_steps": 3500, "start_size": 0, "tolerance": 0}


@pytest.fixture
def make(backbone: Backbone, content: Picture, style: Picture) -> Callable[..., Run]:
    def make(**changes: Any) -> Run:
        return stylize(content, style, Recipe(**{**QUICK, **changes}), backbone=backbone)

    return make


def through_pickles(backbone: Backbone) -> zero.Paint:
    """A worker in this process, to and from which everything goes as it does through a fork."""

    def paint(order: Order) -> Generator[News | End]:
        crossed: Order = pickle.loads(pickle.dumps(order))
        for item in crossed.news(backbone):
            yield pickle.loads(pickle.dumps(item))

    return paint


def followed(run: Run, backbone: Backbone, **options: Any) -> ZeroJob:
    job = ZeroJob(run, through_pickles(backbone), 1.0, **{"interval": 0.0, "filmed": True, **options})
    job.follow()
    return job


def test_a_job_made_elsewhere_is_the_job_made_here(backbone: Backbone, make: Callable[..., Run]) -> None:
    here = Job(make(), interval=0.0)
    here.compute()
    there = followed(make(), backbone)
    assert there.state == here.state == "done"
    assert there.losses == here.losses
    assert there.picture is not None
    assert here.picture is not None
    assert (there.picture.rgb - here.picture.rgb).abs().max() <= 0.5 / 255 + 1e-6
    assert there.picture.provenance == here.picture.provenance
    assert there.snapshot is not None
    assert here.snapshot is not None
    for name in ("scale", "size", "step", "iteration", "iterations", "done"):
        assert getattr(there.snapshot.progress, name) == getattr(here.snapshot.progress, name)
    assert there.snapshot.progress.losses().style_taps == pytest.approx(here.losses[-1][1].style_taps)
    assert there.film is not None
    assert here.film is not None
    assert [frame.tobytes() for frame in there.film.frames] == [frame.tobytes() for frame in here.film.frames]


def test_transparency_and_masks_cross_too(backbone: Backbone, style: Picture) -> None:
    alpha = torch.zeros(1, 1, 40, 48)
    alpha[..., 24:] = 1
    seen = Picture(smooth_picture(48, 40, seed=1).rgb, alpha)
    run = stylize(seen, style, Recipe(**QUICK), mask=Picture(alpha.expand(1, 3, 40, 48)), backbone=backbone)
    job = followed(run, backbone)
    assert job.picture is not None
    assert job.picture.alpha is not None
    assert job.picture.alpha[..., 0].max() == 0
    assert job.picture.provenance is not None
    assert set(job.picture.provenance["inputs"]) == {"content", "style", "mask"}


def test_an_error_there_is_the_error_here(backbone: Backbone, make: Callable[..., Run]) -> None:
    job = followed(make(first_steps=30, learning_rate=10.0, style_weight=1e6, tv_weight=1e4), backbone)
    assert job.state == "failed"
    assert isinstance(job.error, DivergedError)
    assert "lower learning_rate" in str(job.error)


def test_a_job_that_is_stopped_ends_at_the_next_news(backbone: Backbone, make: Callable[..., Run]) -> None:
    closed: list[bool] = []

    def paint(order: Order) -> Generator[News | End]:
        try:
            for item in through_pickles(backbone)(order):
                yield item
                job.stop()
        finally:
            closed.append(True)

    job = ZeroJob(make(**LONG), paint, 1.0, interval=0.0, filmed=False)
    job.follow()
    assert job.state == "stopped"
    assert closed == [True]
    assert job.snapshot is not None
    assert job.snapshot.progress.iteration == 1
    assert job.picture is not None


@pytest.fixture
def engine(random_model: Path) -> Iterator[ZeroEngine]:
    """Outside of ZeroGPU, where `spaces.GPU` leaves a function as it is."""
    engine = ZeroEngine(random_model, room=1)
    engine.start()
    yield engine
    engine.close()


def test_the_seconds_asked_for_are_those_of_start_steps_and_operations(
    engine: ZeroEngine, make: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    orders: list[Order] = []

    def noted(order: Order) -> Generator[News | End]:
        orders.append(order)
        yield End("done", None)

    monkeypatch.setattr(engine, "_paint", noted)
    run = make(first_steps=100)
    assert engine.submit(run).wait(30)
    reckoned = SPEED.start + 100 * SPEED.step + Cost.of(run).operations / SPEED.operations
    assert asked_seconds(orders[0]) == math.ceil(reckoned) == 14  # 10 + 100 * 0.03, and a little for 32x27 px


def test_what_cannot_fit_is_refused_before_a_second_is_spent(
    engine: ZeroEngine, make: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(order: Order) -> Generator[News | End]:
        raise AssertionError

    monkeypatch.setattr(engine, "_paint", never)
    # 10 s to start and 10 000 steps of 0.03 s are 310 s, and a second for the pixels; 3666 steps are what fits
    with pytest.raises(CostError, match=r"takes about 311 s here, and 120 s are the most: first_steps 3500 and"):
        engine.submit(make(first_steps=10_000))
    assert engine.load == {"running": 0, "waiting": 0}


def test_several_jobs_are_on_their_way_at_once_but_no_more_than_there_is_room_for(
    engine: ZeroEngine, make: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = through_pickles(engine.backbone)
    monkeypatch.setattr(engine, "_paint", worker)
    jobs = [engine.submit(make(**LONG), filmed=False) for _ in range(2)]
    with pytest.raises(BusyError):
        engine.submit(make())
    for job in jobs:
        while job.snapshot is None:
            assert not job.wait(0.01)
    assert engine.load["running"] == 2
    assert engine.ask(lambda: "looked").result(10) == "looked"
    for job in jobs:
        job.stop()
    assert all(job.wait(30) for job in jobs)


@pytest.fixture(scope="module")
def lender() -> Iterator[ZeroStandIn]:
    lender = ZeroStandIn()
    yield lender
    lender.close()


@pytest.fixture(scope="module")
def space(
    lender: ZeroStandIn, random_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Client]]:
    environment = {
        "NST_MODEL": str(random_model), "SPACES_ZERO_GPU": "true", "SPACES_ZERO_DEVICE_API_URL": lender.url,
        "SPACE_ID": "someone/pastiche",
    }  # fmt: skip
    program = Path(__file__).parent / "zero_stand_in.py"
    with serving(tmp_path_factory.mktemp("space"), "--no-mcp", program=program, **environment) as server:
        client = Client(server.url, verbose=False)
        yield server, client
        client.close()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("pictures")
    return {
        role: handle_file(save_image(smooth_picture(64, 48, seed=i), folder / f"{role}.png"))
        for i, role in enumerate(("content", "style"))
    }


def test_on_zero_gpu_a_run_streams_from_a_forked_worker(
    space: tuple[Server, Client], lender: ZeroStandIn, pictures: dict[str, Any]
) -> None:
    server, client = space
    assert "on ZeroGPU" in server.log.read_text()
    lender.asked.clear()
    job = client.submit(**pictures, **{**QUICK, "size": 64, "first_steps": 120, "tolerance": 0}, api_name="/stylize")
    states = [progress["state"] for _, progress in job]
    assert states[-1] == "done"
    assert states.count("running") >= 1
    with Image.open(job.outputs()[-1][0]) as image:
        assert image.size == (64, 48)
    (asked,) = lender.asked["/schedule"]
    assert int(asked["durationSeconds"]) == 14  # 10 + 120 * 0.03, and a little for the pixels
    assert lender.asked["/allow"]
    server.until_free()


def test_on_zero_gpu_a_run_that_cannot_fit_asks_for_nothing(
    space: tuple[Server, Client], lender: ZeroStandIn, pictures: dict[str, Any]
) -> None:
    lender.asked.clear()
    with pytest.raises(AppError, match="120 s are the most"):
        space[1].predict(**pictures, **{**LONG, "first_steps": 10_000}, api_name="/stylize")
    assert lender.asked == {}


def test_on_zero_gpu_the_seconds_are_the_visitors_own(
    space: tuple[Server, Client], lender: ZeroStandIn, pictures: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Hub adds the visitor's token to each request; it goes along when seconds are asked for."""
    server, _ = space
    token = f"head.{base64.urlsafe_b64encode(b'{}').decode()}.signature"
    client = Client(server.url, headers={"X-IP-Token": token}, verbose=False)
    lender.asked.clear()
    client.predict(**pictures, **QUICK, api_name="/stylize")
    assert [asked["token"] for asked in lender.asked["/schedule"]] == [token]
    monkeypatch.setattr(lender, "left", 5)
    with pytest.raises(AppError, match=r"You have exceeded your .*quota"):
        client.predict(**pictures, **QUICK, api_name="/stylize")
    server.until_free()
    client.close()


def test_on_zero_gpu_a_cancelled_run_gives_its_worker_back(
    space: tuple[Server, Client], lender: ZeroStandIn, pictures: dict[str, Any]
) -> None:
    server, client = space
    lender.asked.clear()
    began = time.monotonic()
    job = client.submit(**pictures, **LONG, api_name="/stylize")
    server.until(lambda health: health["running"] == 1)
    waited = time.monotonic() - began
    job.cancel()
    assert server.until_free(30) < 10 + waited
    assert len(lender.asked["/release"]) == 1
    assert not job.outputs() or job.outputs()[-1][1]["iteration"] < LONG["first_steps"]
