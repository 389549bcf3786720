"""Values of a wrong type for every parameter of every endpoint, by hand, by gradio_client, and by an agent.

What there is to be sent is read from the description that the app gives of itself, so a new parameter is swept too.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import TextContent

from nst.pictures.writing import save_image
from nst.recipe import settings_of
from nst.task import TASKS
from tests.conftest import smooth_picture
from tests.ui.by_hand import QUICK, Asked, called, uploaded
from tests.ui.conftest import Server

KINDS: list[Any] = [True, 10**400, "x" * 5000, [["x"]], {"a": {"b": [1]}}]
"""A value of each kind that JSON has; one of them may be right for a parameter."""

OTHERS: list[Any] = [
    -1e308, "\ud800", "http://127.0.0.1:22/", [], ["x"] * 100, [10**400], {"path": "/etc/passwd"}, 0.5,
]  # fmt: skip
"""What else can be written by hand."""

AT_ONCE = 4
"""Callers; each has one call at a time, as a visitor may have two."""

DONE = "done"
SENTENCE = re.compile(r"[A-Z@a-z`'/][^\n]{14,699}")


@dataclass(frozen=True)
class WrongCall:
    """A call of an endpoint in which one parameter's value is to be wrong, and all others are right."""

    endpoint: str
    parameter: str
    value: Any
    others: dict[str, Any]

    @property
    def arguments(self) -> dict[str, Any]:
        return {**self.others, self.parameter: self.value}

    def __str__(self) -> str:
        return f"/{self.endpoint}: {self.parameter}={self.value!r:.40}"


def wrong_calls(server: Server, picture: Any, values: list[Any], each: int = 1) -> list[WrongCall]:
    """Of these values the next `each` for every parameter of every endpoint, as the app describes them.

    picture: as the images that must be given.
    """
    described = json.loads(Asked(server, "GET", "/gradio_api/info").text)["named_endpoints"]
    calls, following = [], cycle(values)
    for path, endpoint in described.items():
        required = {p["parameter_name"]: not p["parameter_has_default"] for p in endpoint["parameters"]}
        quick = {name: value for name, value in {**QUICK, "tolerance": 1}.items() if name in required}
        others = {name: picture for name, is_required in required.items() if is_required} | quick
        calls += [WrongCall(path[1:], name, value, others) for name in required for value in islice(following, each)]
    return calls


def is_clear(answer: str) -> bool:
    """True for a sentence about what was sent, not about the server."""
    return answer == DONE or bool(SENTENCE.fullmatch(answer) and not re.search("Traceback|try again", answer))


def require_sentences(server: Server, calls: list[WrongCall], answers: list[str]) -> None:
    """answers: to each call `DONE`, or what was wrong with it."""
    odd = {str(call): answer[:500] for call, answer in zip(calls, answers, strict=True) if not is_clear(answer)}
    assert odd == {}
    assert answers.count(DONE) < 0.2 * len(answers)
    assert server.health()["status"] == "ok"
    log = server.log.read_text()
    assert "Traceback" not in log
    assert all(len(line) < 600 for line in log.splitlines())


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_image(smooth_picture(32, 32, seed=1), tmp_path_factory.mktemp("pictures") / "a.png")


def test_every_parameter_of_the_tasks_is_swept(agents: Server) -> None:
    swept = {(call.endpoint, call.parameter) for call in wrong_calls(agents, "a picture", KINDS)}
    for task in TASKS.values():
        expected = {*task.roles, "preset", *settings_of(task.name)}
        assert expected == {parameter for endpoint, parameter in swept if endpoint == task.name}
    assert ("presets", "task") in swept


def test_a_wrong_value_sent_by_hand_gets_a_sentence(agents: Server, picture: Path) -> None:
    def answer(call: WrongCall) -> str:
        told = called(agents, call.arguments, call.endpoint)
        if "event: complete" in told:
            return DONE
        error = re.search(r'"error": ?("(?:[^"\\]|\\.)*")', told)
        return str(json.loads(error[1])) if error else told

    file = uploaded(agents, "a.png", picture.read_bytes())
    calls = wrong_calls(agents, file, KINDS, each=len(KINDS)) + wrong_calls(agents, file, OTHERS)
    with ThreadPoolExecutor(AT_ONCE) as callers:
        require_sentences(agents, calls, list(callers.map(answer, calls)))


@pytest.fixture
def clients(agents: Server) -> Iterator[list[Client]]:
    clients = [Client(agents.url, verbose=False) for _ in range(AT_ONCE)]
    yield clients
    for client in clients:
        client.close()


def test_a_wrong_value_sent_by_gradio_client_gets_a_sentence(
    agents: Server, clients: list[Client], picture: Path
) -> None:
    def answer(client: Client, call: WrongCall) -> str:
        try:
            client.predict(**call.arguments, api_name=f"/{call.endpoint}")
        except AppError as error:
            return str(error)
        return DONE

    calls = wrong_calls(agents, handle_file(picture), KINDS)
    require_sentences(agents, calls, shared_out(calls, [partial(answer, client) for client in clients]))


def shared_out(calls: list[WrongCall], callers: list[Callable[[WrongCall], str]]) -> list[str]:
    """The answers to all calls, of which each caller has every fourth, one after the other."""
    answers = [""] * len(calls)

    def work(first: int) -> None:
        for i in range(first, len(calls), len(callers)):
            answers[i] = callers[first](calls[i])

    with ThreadPoolExecutor(len(callers)) as threads:
        list(threads.map(work, range(len(callers))))
    return answers


def test_a_wrong_value_sent_by_an_agent_gets_a_sentence(agents: Server, picture: Path) -> None:
    url = f"data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode()}"
    calls = wrong_calls(agents, url, KINDS)
    require_sentences(agents, calls, asyncio.run(told_to_an_agent(agents, calls)))


async def told_to_an_agent(server: Server, calls: list[WrongCall]) -> list[str]:
    """The answers to all calls of a single agent, two at a time."""
    room = asyncio.Semaphore(2)

    async def answer(session: ClientSession, call: WrongCall) -> str:
        async with room:
            result = await session.call_tool(call.endpoint, call.arguments)
        told = " ".join(part.text for part in result.content if isinstance(part, TextContent))
        return " ".join(told.split()) if result.isError else DONE

    async with (
        streamable_http_client(f"{server.url}/gradio_api/mcp/") as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        return list(await asyncio.gather(*(answer(session, call) for call in calls)))
