"""The endpoints as tools, by an MCP client, while the app runs in another process."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, ImageContent, TextContent, Tool
from PIL import Image

from nst.pictures.picture import Picture
from nst.recipe import setting, settings_of
from tests.conftest import smooth_picture
from tests.ui.conftest import Server

T = TypeVar("T")

QUICK = {"size": 32, "first_steps": 3, "start_size": 0}


def connected(server: Server, work: Callable[[ClientSession], Awaitable[T]]) -> T:
    async def inside() -> T:
        async with (
            streamable_http_client(f"{server.url}/gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await work(session)

    return asyncio.run(inside())


def data_url(picture: Picture) -> str:
    file = io.BytesIO()
    picture.to_pil().save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def tools_of(server: Server) -> dict[str, Tool]:
    async def listed(session: ClientSession) -> list[Tool]:
        return (await session.list_tools()).tools

    return {tool.name: tool for tool in connected(server, listed)}


def call(server: Server, tool: str, **arguments: Any) -> CallToolResult:
    async def called(session: ClientSession) -> CallToolResult:
        return await session.call_tool(tool, arguments)

    return connected(server, called)


def test_the_tools_are_listed_with_every_setting_and_its_meaning(agents: Server) -> None:
    tools = tools_of(agents)
    assert {name for name in tools if "upload" not in name} == {
        "stylize",
        "reconstruct",
        "synthesize",
        "presets",
        "grid",
    }
    properties = tools["stylize"].inputSchema["properties"]
    assert {"content", "style", "preset", *settings_of("stylize")} <= set(properties)
    assert setting("strength").help.split(":")[0] in properties["strength"]["description"]
    assert tools["stylize"].description
    assert tools["stylize"].description.startswith("Paint")


def test_a_tool_gives_an_image_and_how_it_went(agents: Server) -> None:
    content, style = smooth_picture(64, 48, seed=1), smooth_picture(48, 48, seed=2)
    result = call(agents, "stylize", content=data_url(content), style=data_url(style), **QUICK)
    assert not result.isError
    (image,) = (part for part in result.content if isinstance(part, ImageContent))
    assert any(isinstance(part, TextContent) and "done" in part.text for part in result.content)
    data = base64.b64decode(image.data)
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.size == (32, 24)


def test_an_agent_has_the_sheet_as_an_image(agents: Server) -> None:
    assert tools_of(agents)["grid"].inputSchema["properties"]["styles"]["type"] == "array"
    picture = data_url(smooth_picture(32, 32, seed=1))
    result = call(agents, "grid", content=picture, styles=[picture], vary=["seed=1,2"], **QUICK)
    assert not result.isError, result.content
    images = [part for part in result.content if isinstance(part, ImageContent)]
    with Image.open(io.BytesIO(base64.b64decode(images[0].data))) as sheet:
        assert sheet.width > 2 * 256


@pytest.mark.parametrize(
    ("given", "text"),
    [({"preset": "fsat"}, "is not one of ['fast', 'balanced'"), ({"content_weight": 0, "style_weight": 0}, "both 0")],
)
def test_a_mistake_is_told_in_words(agents: Server, given: dict[str, Any], text: str) -> None:
    picture = data_url(smooth_picture(64, 48, seed=1))
    result = call(agents, "stylize", content=picture, style=picture, **given)
    assert result.isError
    assert text in " ".join(part.text for part in result.content if isinstance(part, TextContent))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("http://127.0.0.1:22/a.png", "not fetched from addresses here"),
        ("cat.jpg", "Invalid file data format"),
        ("x" * 100_000, "Invalid file data format"),
        ("data:image/png;base64,aGVsbG8=", "not an image that can be read here"),
        (7, "not of type"),
        (["x"] * 10_000, "Input validation error"),
    ],
)
def test_what_is_no_image_is_told_briefly(agents: Server, content: Any, text: str) -> None:
    result = call(agents, "stylize", content=content, style=data_url(smooth_picture(32, 32, seed=1)), **QUICK)
    assert result.isError
    told = " ".join(part.text for part in result.content if isinstance(part, TextContent))
    assert text in told
    assert len(told) < 700
