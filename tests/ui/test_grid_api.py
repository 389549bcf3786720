"""The endpoint of series, called with gradio_client from this process while the app runs in another."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import numpy as np
import pytest
from gradio.context import LocalContext
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from nst.painting.backbone import Backbone
from nst.painting.painting import stylize
from nst.painting.provenance import Provenance
from nst.pictures.writing import save_image
from nst.recipe import Recipe, setting
from nst.serving.axes import SIZE, VARIED
from nst.serving.limits import Limits
from nst.serving.local import LocalWorker
from nst.serving.speed import Speed
from nst.ui.estimate import Estimates
from nst.ui.grid_api import draw_grid_api
from nst.ui.visitor_jobs import VisitorJobs
from tests.conftest import smooth_picture
from tests.ui.by_hand import called
from tests.ui.conftest import Server
from tests.ui.test_mcp import data_url
from tests.waiting import until

QUICK = {"size": 32, "first_steps": 3, "start_size": 0}
LONG = {"size": 256, "upscale": True, "first_steps": 10_000, "start_size": 0, "tolerance": 0}


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Client]:
    client = Client(server.url, verbose=False)
    yield client
    client.close()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pictures")
    shapes = {"harbour": (64, 48), "waves": (48, 48), "stars": (40, 44)}
    return {
        name: save_image(smooth_picture(*shape, seed=i), folder / f"{name}.png")
        for i, (name, shape) in enumerate(shapes.items())
    }


def given(pictures: dict[str, Path], *styles: str) -> dict[str, Any]:
    return {"content": handle_file(pictures["harbour"]), "styles": [handle_file(pictures[style]) for style in styles]}


def pixels(path: str | Path) -> Any:
    with Image.open(path) as image:
        return np.asarray(image)


def test_its_parameters_are_typed_and_say_what_they_mean(client: Client) -> None:
    shown = client.view_api(return_format="dict", print_info=False)["named_endpoints"]["/grid"]
    parameters = {p["parameter_name"]: p for p in shown["parameters"]}
    assert list(parameters) == ["content", "styles", "vary", "preset", *VARIED]
    assert [name for name, p in parameters.items() if not p["parameter_has_default"]] == ["content", "styles"]
    assert parameters["size"]["parameter_default"] == SIZE
    assert "strength=20,40,60" in parameters["vary"]["python_type"]["description"]
    assert "list" in parameters["styles"]["python_type"]["type"]
    assert setting("seed").help in parameters["seed"]["python_type"]["description"]
    assert shown["description"].startswith("Paint one photograph in several styles")


def test_each_cell_equals_the_python_api(
    client: Client, pictures: dict[str, Path], random_model: Path, server: Server
) -> None:
    job = client.submit(**given(pictures, "waves", "stars"), vary=["strength=20,60"], **QUICK, seed=5, api_name="/grid")
    sheet, files, progress = job.result()
    assert (progress["state"], progress["count"], progress["done"], progress["failed"]) == ("done", 4, 4, 0)
    assert progress["seconds_left"] == 0
    local = Backbone.open(random_model, "cpu", "auto")
    assert [cell["label"] for cell in progress["cells"]] == [
        f"{style}, strength {strength}" for style in ("waves", "stars") for strength in (20, 60)
    ]
    for path, cell in zip(files, progress["cells"], strict=True):
        assert Path(path).name == cell["picture"]
        recipe = Recipe(**QUICK, seed=5, strength=[20, 60][cell["column"]])  # type: ignore[arg-type]
        assert Provenance.of(path).recipe == Recipe.from_json(cell["recipe"]) == recipe
        assert Provenance.of(path).inputs["style"][0] == cell["style"]
    last = stylize(pictures["harbour"], pictures["stars"], recipe, backbone=local).result()
    assert np.array_equal(pixels(files[3]), np.asarray(last.to_pil()))
    with Image.open(sheet) as image:
        assert image.format == "PNG"
        assert image.width > 2 * 256
    streamed = [progress["done"] for _, _, progress in job.outputs()]
    assert streamed == sorted(streamed)
    assert set(streamed) >= {1, 2, 3, 4}
    assert all(files is None for _, files, _ in job.outputs()[:-1])
    server.until_free()


def test_a_style_that_can_not_be_read_fails_its_cells_alone(
    client: Client, pictures: dict[str, Path], tmp_path: Path
) -> None:
    (bad := tmp_path / "bad.png").write_text("no picture")
    call = given(pictures, "waves", "stars")
    call["styles"].insert(1, handle_file(bad))
    _, files, progress = client.predict(**call, **QUICK, api_name="/grid")
    assert (progress["done"], progress["failed"], len(files)) == (2, 1, 2)
    assert "bad.png is not an image that can be read here" in progress["cells"][1]["error"]
    assert "picture" not in progress["cells"][1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vary": None}, "There is nothing to vary yet"),
        ({"vary": ["strength=20,400"]}, "strength is 400: allowed is a number, 0 to 100."),
        ({"vary": {"strength": [20, "x"]}}, "strength is 'x': allowed is a number, 0 to 100."),
        ({"vary": ["seed=1,2,3,4,5,6", "strength=1,2,3,4,5"]}, "6 x 5 = 30 pictures are too many"),
        ({"vary": 5}, "vary is 5: give it as"),
        ({"styles": []}, "There is no style image yet"),
        ({"content": None}, "There is no content image yet"),
        ({"size": 5}, "size is 5: allowed is a whole number"),
        ({"styles": ["cat.jpg"]}, "An image is wanted where 'cat.jpg' stands"),
    ],
)
def test_what_is_no_series_gets_a_sentence(
    client: Client, pictures: dict[str, Path], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(AppError, match=message):
        client.predict(**{**given(pictures, "waves"), "vary": ["seed=1,2"], **QUICK, **changes}, api_name="/grid")


def test_only_uploaded_files_are_opened_in_the_list(server: Server) -> None:
    picture = data_url(smooth_picture(32, 32, seed=1))
    for path in ("/etc/passwd", "/nowhere/a.png"):
        for styles in ([picture, {"path": path}], {"path": path}, [{"url": f"file://{path}", "path": path}]):
            answer = called(server, {"content": picture, "styles": styles, "vary": ["seed=1,2"], **QUICK}, "grid")
            assert "names a file that was not uploaded here" in answer
    for address in ("http://127.0.0.1:22/a.png", {"url": "http://127.0.0.1:22/a.png"}):
        answer = called(server, {"content": picture, "styles": [address], "vary": ["seed=1,2"], **QUICK}, "grid")
        assert "Images are not fetched from addresses here" in answer


def test_styles_may_be_data_urls_and_one_alone_is_a_list_of_one(server: Server) -> None:
    picture = data_url(smooth_picture(32, 32, seed=1))
    for styles in ([picture], picture):
        answer = called(server, {"content": picture, "styles": styles, "vary": {"seed": [1, 2]}, **QUICK}, "grid")
        last = next(line for line in reversed(answer.splitlines()) if line.startswith("data: "))
        assert json.loads(last.removeprefix("data: "))[2]["done"] == 2


def test_cancelling_frees_the_device(server: Server, client: Client, pictures: dict[str, Path]) -> None:
    job = client.submit(**given(pictures, "waves"), vary=["seed=1,2"], **LONG, api_name="/grid")
    until(lambda: job.done() or server.health()["running"])
    job.cancel()
    server.until_free()


def test_a_series_beyond_the_limits_is_refused_beforehand_and_counts_as_one_job(
    backbone: Backbone, pictures: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker never works, so that whatever is submitted would wait for ever."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    jobs = VisitorJobs(most=1)
    slow = Limits(seconds=10, speed=Speed(start=0, step=1, operations=1e15))
    worker = LocalWorker(backbone, limits=slow)
    paths = [str(save_image(smooth_picture(32, 32, seed), tmp_path / f"{seed}.png")) for seed in (1, 2)]
    settings = Recipe(**QUICK).to_json()  # type: ignore[arg-type]
    request = cast(Any, SimpleNamespace(session_hash="a", request=SimpleNamespace(scope={}), client=None))

    async def visit() -> None:
        with gr.Blocks(analytics_enabled=False) as page:
            draw_grid_api(worker, jobs, Estimates(worker))
        LocalContext.blocks.set(page)
        (grid,) = (fn.fn for fn in page.fns.values() if fn.api_name == "grid")

        async def first(seeds: list[int]) -> Any:
            """What is answered first, after which the client leaves."""
            values = (settings[name] for name in VARIED)
            async with aclosing(grid(request, paths[0], [paths[1]], {"seed": seeds}, "balanced", *values)) as answers:
                return await anext(answers)

        with pytest.raises(gr.Error, match=r"This series of 4 pictures would take about 12 s; the limit here is 10 s"):
            await first([1, 2, 3, 4])
        assert worker.load() == {"running": 0, "waiting": 0}
        _, _, progress = await first([1, 2, 3])
        assert (progress["state"], progress["count"]) == ("waiting", 3)
        assert progress["seconds_left"] == pytest.approx(9.0, rel=0.01)
        with jobs.one_more(request), pytest.raises(gr.Error, match="You have 1 paintings running or waiting"):
            await first([1, 2])
        assert worker.load() == {"running": 0, "waiting": 0}  # what a client has left is not computed

    asyncio.run(visit())
