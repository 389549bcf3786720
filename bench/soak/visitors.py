"""Clients that use the API as it is meant: by `gradio_client`, and as agents by MCP."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import random
import tempfile
import time
from collections.abc import Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from nst.pictures.metadata import KEY
from nst.task import TASKS, TaskName

from .tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradio_client import Client
    from gradio_client.client import Job

VISIT_SECONDS = 120.0
"""After which a job counts as lost."""

SHORT: Mapping[str, Any] = {"preset": "fast", "size": 64, "first_steps": 12}
LONG: Mapping[str, Any] = {"preset": "fast", "size": 64, "first_steps": 1000, "tolerance": 0}
PICTURES, SIZE = 16, (96, 72)
"""Few, as the app keeps what it has computed of a picture, up to 1 GB: that is to be full after the warm-up."""

NAMES = ("harbour.png", "mein Bild (1).png", "写真.png", "a" * 100 + ".png")


def paint(url: str, tally: Tally, chance: random.Random) -> None:
    """A visitor who asks for some pictures, watches each to its end and looks whether it is the right one."""
    with _client(url) as (client, folder):
        for _ in range(chance.randint(1, 3)):
            task: TaskName = chance.choice(("stylize", "stylize", "reconstruct", "synthesize"))
            job = _submitted(client, task, SHORT, folder, tally, chance)
            if error := _error_at_end(job):
                _judge_refusal("painting", error, tally)
                continue
            tally.accepted()
            path, progress = job.outputs()[-1]
            if problem := _problem(path, progress, task):
                tally.wrong("painting", problem)
            else:
                tally.end("painting", "done")
            time.sleep(chance.uniform(0, 0.5))


def cancel(url: str, tally: Tally, chance: random.Random) -> None:
    """A visitor who gives up: in the line, or when the picture begins to show."""
    with _client(url) as (client, folder):
        job = _submitted(client, "stylize", LONG, folder, tally, chance)
        patient = chance.random() < 0.7
        until = time.monotonic() + VISIT_SECONDS
        while not job.done() and time.monotonic() < until:
            outputs = job.outputs()
            if outputs and (outputs[-1][0] or not patient):
                break
            time.sleep(0.05)
        if job.done() and (error := _error_at_end(job)):
            _judge_refusal("cancelling", error, tally)
            return
        tally.accepted()
        if not job.outputs():
            tally.wrong("cancelling", f"nothing was heard for {VISIT_SECONDS:g} s")
            return
        job.cancel()
        tally.end("cancelling", "cancelled")


def has_agents() -> bool:
    """True if MCP can be spoken here; the app then does so too."""
    return find_spec("mcp") is not None


def ask_as_agent(url: str, tally: Tally, chance: random.Random) -> None:
    """An agent that looks at the presets and has a picture painted."""
    pictures = {role: _data_url(picture(chance)) for role in ("content", "style")}
    tally.uploaded(len(pictures))
    presets, answer = asyncio.run(asyncio.wait_for(_agent_calls(url, {**pictures, **SHORT}), VISIT_SECONDS))
    if presets.isError:
        tally.wrong("agent", f"presets: {presets.content}")
    text = " ".join(part.text for part in answer.content if part.type == "text")
    images = [part.data for part in answer.content if part.type == "image"]
    if answer.isError:
        _judge_refusal("agent", text, tally)
        return
    tally.accepted()
    if len(images) == 1 and max(Image.open(io.BytesIO(base64.b64decode(images[0]))).size) == SHORT["size"]:
        tally.end("agent", "done")
    else:
        tally.wrong("agent", f"{len(images)} images, and {text}")


async def _agent_calls(url: str, arguments: dict[str, Any]) -> tuple[Any, Any]:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async with (
        streamable_http_client(f"{url}/gradio_api/mcp/") as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        return await session.call_tool("presets", {}), await session.call_tool("stylize", arguments)


def picture(chance: random.Random) -> Image.Image:
    """One of `PICTURES` kinds of noise, all of one size."""
    seed = random.Random(chance.randrange(PICTURES))
    return Image.frombytes("RGB", (8, 8), seed.randbytes(192)).resize(SIZE, Image.Resampling.BICUBIC)


def encoded(image: Image.Image) -> bytes:
    """As PNG."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def is_for_now(sentence: str) -> bool:
    """Whether an answer is that too many want the same at this moment."""
    return "try again" in sentence.lower() or "queue is full" in sentence.lower()


@contextmanager
def _client(url: str) -> Iterator[tuple[Client, Path]]:
    """With a folder for the files that it sends and gets."""
    from gradio_client import Client

    with tempfile.TemporaryDirectory(prefix="soak-client-") as name:
        client = Client(url, verbose=False, download_files=name, analytics_enabled=False)
        try:
            yield client, Path(name)
        finally:
            client.close()


def _submitted(
    client: Client, task: TaskName, settings: Mapping[str, Any], folder: Path, tally: Tally, chance: random.Random
) -> Job:
    from gradio_client import handle_file

    images = {}
    for role in TASKS[task].inputs:
        path = folder / f"{role}-{chance.choice(NAMES)}"
        path.write_bytes(encoded(picture(chance)))
        images[role] = handle_file(path)
    tally.uploaded(len(images))
    return client.submit(**images, **settings, api_name=f"/{task}")


def _error_at_end(job: Job) -> str:
    """Wait for the end of a job; "" where it went well."""
    try:
        job.result(timeout=VISIT_SECONDS)
    except TimeoutError:
        return f"no end after {VISIT_SECONDS:g} s"
    except Exception as error:  # gradio_client raises what the server says as errors of many classes
        return f"{type(error).__name__}: {error}"
    return ""


def _judge_refusal(kind: str, error: str, tally: Tally) -> None:
    """Too many at this moment is an answer; all else is none to a request that is right."""
    if is_for_now(error):
        tally.end(kind, "asked to come again")
    else:
        tally.wrong(kind, error)


def _problem(path: str, progress: dict[str, Any], task: TaskName) -> str:
    """What is wrong with a result; "" for nothing."""
    if progress["state"] != "done":
        return f"the last message of a {task} job says {progress['state']!r}"
    with Image.open(path) as image:
        image.load()
        embedded = json.loads(image.info.get(KEY, "{}"))
        if (image.format, max(image.size)) != ("PNG", SHORT["size"]):
            return f"{task} gave {image.format} of {image.size}"
    if (embedded.get("task"), embedded.get("recipe")) != (task, progress["recipe"]):
        return f"the recipe in the result of {task} is another"
    return ""


def _data_url(image: Image.Image) -> str:
    return f"data:image/png;base64,{base64.b64encode(encoded(image)).decode()}"
