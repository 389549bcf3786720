"""The endpoints, called with gradio_client from this process while the app runs in another."""

from __future__ import annotations

import asyncio
import json
import math
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch
from gradio_client import Client, handle_file
from gradio_client.client import Job as Call
from PIL import Image

from nst.painting.backbone import Backbone
from nst.painting.painting import reconstruct, stylize, synthesize
from nst.painting.provenance import Provenance
from nst.pictures.picture import Picture
from nst.pictures.writing import save_image
from nst.recipe import PRESETS, Recipe, settings_of
from nst.serving.job import Job
from nst.serving.local import LocalWorker
from nst.task import TASKS, TaskName
from nst.ui import api
from tests.conftest import smooth_picture
from tests.ui.conftest import Server
from tests.waiting import SLOW, until

QUICK = {"size": 32, "first_steps": 3, "start_size": 0}
LONG = {"size": 256, "upscale": True, "first_steps": 10_000, "start_size": 0, "tolerance": 0}
"""Of itself it would end long after `SLOW`, so that whatever frees the device by then has stopped it."""


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Client]:
    client = Client(server.url, verbose=False)
    yield client
    client.close()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pictures")
    return {
        "content": save_image(smooth_picture(64, 48, seed=1), folder / "harbour.png"),
        "style": save_image(smooth_picture(48, 48, seed=2), folder / "waves.png"),
    }


@pytest.fixture(scope="module")
def local(random_model: Path) -> Backbone:
    """The same network on the same device and precision as the server's."""
    return Backbone.open(random_model, "cpu", "auto")


def images(pictures: dict[str, Path]) -> dict[str, Any]:
    return {role: handle_file(path) for role, path in pictures.items()}


def test_exactly_these_endpoints_are_shown(client: Client) -> None:
    shown = client.view_api(return_format="dict", print_info=False)
    assert set(shown["named_endpoints"]) == {"/stylize", "/reconstruct", "/synthesize", "/presets", "/grid"}
    assert shown["unnamed_endpoints"] == {}


@pytest.mark.parametrize("task", TASKS)
def test_parameters_are_the_recipes_and_say_what_they_mean(client: Client, task: TaskName) -> None:
    shown = client.view_api(return_format="dict", print_info=False)["named_endpoints"][f"/{task}"]
    parameters = {p["parameter_name"]: p for p in shown["parameters"]}
    assert set(settings_of(task)) < set(parameters)
    base = Recipe.preset(task=task).to_json()
    for name in settings_of(task):
        default, message = parameters[name]["parameter_default"], parameters[name]["python_type"]["description"]
        assert parameters[name]["parameter_has_default"]
        assert len(message) > 10
        if default is None:  # a setting in which presets differ
            assert repr(base[name]) in message
        else:
            assert default == base[name]
    assert parameters["size"]["python_type"]["type"] == "int"
    assert shown["description"].startswith(("Paint", "Recover", "Make"))


def test_presets_are_the_recipes(client: Client) -> None:
    for task in TASKS:
        presets = client.predict(task, api_name="/presets")
        assert {name: Recipe.from_json(values) for name, values in presets.items()} == {
            name: Recipe.preset(name, task) for name in PRESETS
        }


def test_a_call_without_settings_is_the_default_recipe(
    server: Server, client: Client, pictures: dict[str, Path]
) -> None:
    job = client.submit(**images(pictures), api_name="/stylize")
    until(lambda: job.done() or previews(job))
    planned = previews(job)[-1][1]["iterations"]
    job.cancel()
    server.until_free()
    assert planned == Recipe().first_steps  # the picture is so small that there is one scale


def test_results_equal_the_python_api(client: Client, pictures: dict[str, Path], local: Backbone) -> None:
    recipe = Recipe.preset("fast", size=48, start_size=32, first_steps=6, last_steps=4, seed=5, strength=40)
    changes = {name: getattr(recipe, name) for name in ("size", "start_size", "first_steps", "last_steps")}
    path, progress = client.predict(
        **images(pictures), preset="fast", seed=5, strength=40, **changes, api_name="/stylize"
    )
    alone = stylize(pictures["content"], pictures["style"], recipe, backbone=local).result()
    assert np.array_equal(pixels(path), np.asarray(alone.to_pil()))
    assert Path(path).name == "harbour-waves.png"
    provenance = Provenance.of(path)
    assert provenance.recipe == Recipe.from_json(progress["recipe"]) == recipe
    assert provenance.inputs["style"][0] == "waves.png"
    assert (progress["state"], progress["done"], progress["iteration"]) == ("done", 1.0, progress["iterations"])


def test_the_two_sub_problems_equal_the_python_api(client: Client, pictures: dict[str, Path], local: Backbone) -> None:
    path, _ = client.predict(handle_file(pictures["content"]), **QUICK, content_taps=["conv3"], api_name="/reconstruct")
    recipe = Recipe.preset(task="reconstruct", **QUICK, content_taps=("conv3",))  # type: ignore[arg-type]
    alone = reconstruct(pictures["content"], recipe, backbone=local).result()
    assert np.array_equal(pixels(path), np.asarray(alone.to_pil()))
    path, _ = client.predict(handle_file(pictures["style"]), **QUICK, seed=9, api_name="/synthesize")
    recipe = Recipe.preset(task="synthesize", **QUICK, seed=9)  # type: ignore[arg-type]
    alone = synthesize(pictures["style"], recipe, backbone=local).result()
    assert np.array_equal(pixels(path), np.asarray(alone.to_pil()))


def test_an_init_image_is_where_it_starts(client: Client, pictures: dict[str, Path], local: Backbone) -> None:
    start = handle_file(pictures["style"])
    path, progress = client.predict(**images(pictures), **QUICK, init_image=start, api_name="/stylize")
    recipe = Recipe(**QUICK, init="image")  # type: ignore[arg-type]
    alone = stylize(
        pictures["content"], pictures["style"], recipe, init_image=pictures["style"], backbone=local
    ).result()
    assert progress["recipe"]["init"] == "image"
    assert np.array_equal(pixels(path), np.asarray(alone.to_pil()))


def test_of_a_masked_style_the_white_part_is_taken_on(
    client: Client, pictures: dict[str, Path], local: Backbone, tmp_path: Path
) -> None:
    mask = np.zeros((48, 48), np.uint8)
    mask[:, 16:] = 255
    Image.fromarray(mask).save(tmp_path / "part.png")
    given = {"style_2": handle_file(pictures["style"]), "style_2_mask": handle_file(tmp_path / "part.png")}
    path, _ = client.predict(**images(pictures), **QUICK, **given, api_name="/stylize")
    styles, masks = [pictures["style"]] * 2, [None, tmp_path / "part.png"]
    alone = stylize(pictures["content"], styles, Recipe(**QUICK), style_mask=masks, backbone=local)  # type: ignore[arg-type]
    assert np.array_equal(pixels(path), np.asarray(alone.result().to_pil()))
    assert Provenance.of(path).inputs["style_2_mask"][0] == "part.png"


def test_an_importance_image_says_what_is_kept(
    client: Client, pictures: dict[str, Path], local: Backbone, tmp_path: Path
) -> None:
    rgb = torch.zeros(1, 3, 48, 64)
    rgb[..., :20] = 1
    faces = save_image(Picture(rgb), tmp_path / "faces.png")
    path, progress = client.predict(
        **images(pictures), **QUICK, importance=handle_file(faces), content_focus=40, api_name="/stylize"
    )
    recipe = Recipe(**QUICK, content_focus=40)  # type: ignore[arg-type]
    alone = stylize(pictures["content"], pictures["style"], recipe, importance=faces, backbone=local).result()
    assert progress["recipe"]["content_focus"] == 40
    assert np.array_equal(pixels(path), np.asarray(alone.to_pil()))
    without, _ = client.predict(**images(pictures), **QUICK, api_name="/stylize")
    assert not np.array_equal(pixels(path), pixels(without))


def previews(job: Call) -> list[Any]:
    """Path and progress of each picture that was shown so far."""
    return [output for output in job.outputs() if output[0]]


def test_streaming_shows_the_picture_grow(server: Server, client: Client, pictures: dict[str, Path]) -> None:
    job = client.submit(**images(pictures), **LONG, api_name="/stylize")
    until(lambda: job.done() or len({progress["iteration"] for _, progress in previews(job)}) >= 3)
    job.cancel()
    shown = previews(job)
    steps = [progress["iteration"] for _, progress in shown]
    assert steps == sorted(steps)
    assert len(set(steps)) >= 3
    assert all(math.isfinite(progress["style_loss"]) for _, progress in shown)
    assert {pixels(path).shape for path, _ in shown} == {(192, 256, 3)}
    assert {Path(path).suffix for path, _ in shown} == {".jpg"}
    server.until_free()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"size": 5}, "size is 5: allowed is a whole number, 16 to 8192 px."),
        ({"size": 9000}, "size is 9000: allowed is"),
        ({"size": 33.5}, "size is 33.5: allowed is a whole number"),
        ({"size": "big"}, "size is 'big': allowed is"),
        ({"strength": -1}, "strength is -1: allowed is a number, 0 to 100."),
        ({"preset": "fats"}, "There is no preset 'fats': .* Did you mean 'fast'?"),
        ({"preset": None}, "There is no preset None"),
        ({"style_taps": ["conv99"]}, "There is no layer for style_taps 'conv99'"),
        ({"style_taps": []}, "style_taps is \\[\\]: allowed is one or more"),
        ({"init": "image"}, 'init "image" and an init image go together'),
        ({"content": None}, "There is no content image yet"),
        ({"style": None, "content": None}, "There is no content and no style image yet"),
    ],
)
def test_bad_values_get_a_sentence(
    client: Client, pictures: dict[str, Path], changes: dict[str, Any], message: str
) -> None:
    from gradio_client.exceptions import AppError

    with pytest.raises(AppError, match=message):
        client.predict(**{**images(pictures), **QUICK, **changes}, api_name="/stylize")


@pytest.mark.parametrize("size", [(1, 1), (15, 300)])
def test_too_small_an_image_gets_a_sentence(
    client: Client, pictures: dict[str, Path], tmp_path: Path, size: tuple[int, int]
) -> None:
    from gradio_client.exceptions import AppError

    Image.new("RGB", size).save(tmp_path / "dot.png")
    with pytest.raises(AppError, match=f"dot.png is {size[0]}x{size[1]} px: each side must have at least 16 px"):
        client.predict(handle_file(tmp_path / "dot.png"), handle_file(pictures["style"]), api_name="/stylize")


def test_a_file_that_is_no_image_gets_a_sentence(client: Client, pictures: dict[str, Path], tmp_path: Path) -> None:
    from gradio_client.exceptions import AppError

    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    with pytest.raises(AppError, match=r"broken.png is not an image that can be read here, or damaged"):
        client.predict(handle_file(tmp_path / "broken.png"), handle_file(pictures["style"]), api_name="/stylize")


def test_not_a_number_is_refused(server: Server, pictures: dict[str, Path]) -> None:
    """gradio_client itself refuses NaN, so the JSON of other clients is sent by hand."""
    for text, shown in (("NaN", "nan"), ('"NaN"', "'NaN'"), ("Infinity", "inf")):
        body = f'{{"content": null, "style": null, "strength": {text}}}'
        assert f"strength is {shown}: allowed is a number, 0 to 100." in heard(server, body)


def heard(server: Server, body: str) -> str:
    """What /stylize answers to a body, the way curl users call it."""
    event = json.loads(curl("-X", "POST", f"{server.url}/gradio_api/call/v2/stylize", "-d", body))["event_id"]
    return curl("-m", str(SLOW), f"{server.url}/gradio_api/call/stylize/{event}")


def pixels(path: str | Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def curl(*arguments: str) -> str:
    command = ["curl", "-sN", "-H", "Content-Type: application/json", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_a_stranger_cannot_read_the_servers_files(server: Server) -> None:
    for path in ("/etc/passwd", os.path.abspath("app.py")):
        body = json.dumps({"content": {"path": path, "meta": {"_type": "gradio.FileData"}}, "style": None})
        answer = heard(server, body)
        assert "event: error" in answer
        assert "no style" not in answer  # it never came to reading the file


def test_cancelling_frees_the_device_and_the_next_job_runs(
    server: Server, client: Client, pictures: dict[str, Path]
) -> None:
    job = client.submit(**images(pictures), **LONG, api_name="/stylize")
    until(lambda: job.done() or previews(job))
    job.cancel()
    server.until_free()  # bench/ says how soon
    path, _ = client.predict(**images(pictures), **QUICK, api_name="/stylize")
    assert Path(path).exists()


def test_a_client_that_vanishes_frees_the_device(server: Server, pictures: dict[str, Path]) -> None:
    code = (
        "import time; from gradio_client import Client, handle_file\n"
        f"client = Client({server.url!r}, verbose=False)\n"
        f"job = client.submit(handle_file({str(pictures['content'])!r}), handle_file({str(pictures['style'])!r}),"
        f" **{LONG}, api_name='/stylize')\n"
        "while not job.outputs(): time.sleep(0.01)\nprint('seen', flush=True); time.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "seen\n"
        server.until(lambda health: health["running"] == 1)
    finally:
        process.kill()
        process.communicate()
    server.until_free()


def test_a_client_that_never_listens_is_given_up(server: Server, pictures: dict[str, Path]) -> None:
    paths = [
        json.loads(
            subprocess.run(
                ["curl", "-s", "-F", f"files=@{path}", f"{server.url}/gradio_api/upload"],
                check=True,
                capture_output=True,
            ).stdout
        )[0]
        for path in pictures.values()
    ]
    sent = [{"path": path, "meta": {"_type": "gradio.FileData"}} for path in paths]
    body = json.dumps({"content": sent[0], "style": sent[1], **LONG})
    event = json.loads(curl("-X", "POST", f"{server.url}/gradio_api/call/v2/stylize", "-d", body))["event_id"]
    server.until(lambda health: health["running"] == 1)
    server.until_free()
    assert "nobody listened for 15 s" in curl("-m", str(SLOW), f"{server.url}/gradio_api/call/stylize/{event}")


def test_eight_at_once_each_get_their_own_or_hear_that_it_is_full(
    server: Server, client: Client, pictures: dict[str, Path], local: Backbone
) -> None:
    """One runs, four wait, and the others are told."""
    clients = [Client(server.url, verbose=False) for _ in range(8)]
    blocker = client.submit(**images(pictures), **LONG, api_name="/stylize")
    server.until(lambda health: health["running"] == 1)
    jobs = [
        c.submit(**images(pictures), **QUICK, seed=i, init="random", api_name="/stylize") for i, c in enumerate(clients)
    ]
    server.until(lambda health: health["waiting"] == 4)
    until(lambda: sum(job.done() for job in jobs) == 4 and all(job.done() or job.outputs() for job in jobs))
    waiting = [job for job in jobs if not job.done()]
    refused = [job for job in jobs if job.done()]
    assert sorted(job.outputs()[-1][1]["place"] for job in waiting) == [1, 2, 3, 4]
    for job in refused:
        with pytest.raises(Exception, match="5 jobs are ahead of yours, and no more can wait"):
            job.result()
    blocker.cancel()
    for seed, job in enumerate(jobs):
        if job in waiting:
            path, progress = job.result(SLOW)
            recipe = Recipe(**QUICK, seed=seed, init="random")  # type: ignore[arg-type]
            assert Recipe.from_json(progress["recipe"]) == recipe
            alone = stylize(pictures["content"], pictures["style"], recipe, backbone=local).result()
            assert np.array_equal(pixels(path), np.asarray(alone.to_pil()))
    for c in clients:
        c.close()


def test_a_preview_is_never_said_to_be_the_result(
    backbone: Backbone, pictures: dict[str, Picture], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job ends between two looks at it."""
    job = Job(stylize(pictures["content"], pictures["style"], Recipe(), backbone=backbone))
    job.picture = pictures["content"]

    async def watch(*_: Any) -> AsyncGenerator[bool]:
        job.state = "done"
        yield False

    monkeypatch.setattr(api, "watch", watch)
    worker, request = LocalWorker(backbone), SimpleNamespace(session_hash="a")

    async def visit() -> list[api.Answer]:
        return [answer async for answer in api._answers(worker, job, cast(Any, request), tmp_path)]

    ((path, progress),) = asyncio.run(visit())
    assert (Path(str(path)).suffix, progress["state"]) == (".png", "done")
    assert progress["recipe"] == Recipe().to_json()


def test_nothing_is_kept_of_other_clients_but_their_number(server: Server) -> None:
    assert set(server.health()) == {"status", "version", "backbone", "running", "waiting"}


def test_pages_that_tell_of_others_are_off(server: Server) -> None:
    for page in ("monitoring", "monitoring/summary", "gradio_api/runs"):
        code = curl("-o", "/dev/null", "-w", "%{http_code}", f"{server.url}/{page}")
        assert code in ("403", "404"), page
