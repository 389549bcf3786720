"""The whole page on ZeroGPU, with the real `spaces` package at work: what a visitor gets, and what it costs."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from nst.pictures.writing import save_image
from tests.conftest import smooth_picture
from tests.serving.zero_stand_in import ZeroStandIn, environment
from tests.ui.conftest import Server, serving
from tests.waiting import until

SMALL: dict[str, Any] = {"size": 32, "first_steps": 3, "start_size": 0}
"""What the Space's own processor paints."""

LENT: dict[str, Any] = {"size": 32, "first_steps": 340, "start_size": 0, "tolerance": 0}
"""What takes the processor too long, by a little: 340 steps are reckoned as 10.2 s."""

LONG: dict[str, Any] = {**LENT, "size": 128, "upscale": True, "first_steps": 3400}
"""Nearly what fits: on a processor it takes far longer than somebody who cancels it."""


@pytest.fixture(scope="module")
def lender() -> Iterator[ZeroStandIn]:
    lender = ZeroStandIn()
    yield lender
    lender.close()


@pytest.fixture(scope="module")
def space(
    lender: ZeroStandIn, random_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Client]]:
    program, folder = Path(__file__).parent / "without_gpu.py", tmp_path_factory.mktemp("space")
    variables: dict[str, Any] = environment(lender, folder) | {"NST_MODEL": str(random_model)}
    with serving(folder, "--no-mcp", program=program, **variables) as server:
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


def test_a_painting_streams_from_a_forked_process(
    space: tuple[Server, Client], lender: ZeroStandIn, pictures: dict[str, Any]
) -> None:
    server, client = space
    assert "on ZeroGPU" in server.log.read_text()
    lender.forget()
    job = client.submit(**pictures, **LENT, api_name="/stylize")
    states = [progress["state"] for _, progress in job]
    assert states[-1] == "done"
    assert states.count("running") >= 1
    with Image.open(job.outputs()[-1][0]) as image:
        assert image.size == (32, 24)
    (asked,) = lender.asked["/schedule"]
    # 10 + 340 * 0.03 and a little for the pixels are 20.3 s; `spaces` is told 14, of which it makes 21
    assert asked["durationSeconds"] == "21"
    assert lender.asked["/allow"]
    server.until_free()


def test_a_small_painting_costs_no_seconds(
    space: tuple[Server, Client], lender: ZeroStandIn, pictures: dict[str, Any]
) -> None:
    lender.forget()
    _, progress = space[1].predict(**pictures, **SMALL, api_name="/stylize")
    assert progress["state"] == "done"
    assert lender.asked == {}


def test_a_painting_that_cannot_fit_asks_for_nothing(
    space: tuple[Server, Client], lender: ZeroStandIn, pictures: dict[str, Any]
) -> None:
    lender.forget()
    with pytest.raises(AppError, match="the limit here is 120 s"):
        space[1].predict(**pictures, **{**LONG, "first_steps": 10_000}, api_name="/stylize")
    assert lender.asked == {}


def test_the_seconds_are_the_visitors_own(
    space: tuple[Server, Client], lender: ZeroStandIn, pictures: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Hub adds the visitor's token to each request; it goes along when seconds are asked for."""
    server, _ = space
    token = f"head.{base64.urlsafe_b64encode(b'{}').decode()}.signature"
    client = Client(server.url, headers={"X-IP-Token": token}, verbose=False)
    lender.forget()
    client.predict(**pictures, **LENT, api_name="/stylize")
    assert [asked["token"] for asked in lender.asked["/schedule"]] == [token]
    monkeypatch.setattr(lender, "left", 5)
    with pytest.raises(AppError, match=r"You have exceeded your .*quota"):
        client.predict(**pictures, **LENT, api_name="/stylize")
    server.until_free()
    client.close()


def test_a_cancelled_painting_gives_its_gpu_back(
    space: tuple[Server, Client], lender: ZeroStandIn, pictures: dict[str, Any]
) -> None:
    server, client = space
    lender.forget()
    job = client.submit(**pictures, **LONG, api_name="/stylize")
    until(lambda: job.done() or any("iteration" in progress for _, progress in job.outputs()))  # it is computed now
    assert not job.done(), server.log.read_text()
    job.cancel()
    server.until_free()
    lender.until_all_are_back()
    assert len(lender.asked["/release"]) == 1
    assert job.outputs()[-1][1]["iteration"] < LONG["first_steps"]
