"""What Gradio 6.31 leaves open to strangers, closed: the files that a request may name, routes, decoders.

Each thing here says which gap it is for, so that it can go when Gradio has closed it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import HTTPException
from fastapi.routing import APIRoute
from gradio.utils import get_upload_folder
from PIL import EpsImagePlugin, Image

from ..errors import ImageError
from ..pictures.reading import READABLE
from .watch import friendly

UNUSED_ROUTES = (
    "/gradio_api/component_server",
    "/gradio_api/component_server/",
    "/gradio_api/process_recording",
)
"""Routes of Gradio that nothing on the page needs, and that do much for anybody who asks.

component_server: calls a method of a component.  The one of ImageEditor, which its browser side calls for `change` and
`input` events alone, keeps what it is sent for good, in a list as long as the sender says.
process_recording: starts ffmpeg on what it is sent, and ffmpeg opens whatever files that names.
"""


class CheckedBlocks(gr.Blocks):
    """A page whose events, public and private, get no file but those that were uploaded.

    Gradio looks only at values that call themselves files (by `meta`); those that do not are opened all the same.
    """

    async def preprocess_data(
        self, block_fn: Any, inputs: list[Any], state: Any, explicit_call: bool = False
    ) -> list[Any]:
        """As Gradio's, which all data of all events goes through, after a look at the paths in it."""
        with friendly():
            for file in _files_in(inputs):
                if not _to_be_fetched(file):
                    uploaded(file["path"])
        processed: list[Any] = await super().preprocess_data(block_fn, inputs, state, explicit_call)
        return processed


def uploaded(path: str) -> str:
    """The path, if it leads into the folder of uploads when links and `..` are followed; ImageError if elsewhere.

    The page's own pictures are there too, as Gradio copies them.  Nothing is said of what there is elsewhere: the
    answer is the same for files that exist and for those that don't.
    """
    try:
        found = Path(os.path.realpath(path))
    except ValueError:  # a path that no file system knows
        found = Path("/")
    if Path(os.path.realpath(get_upload_folder())) not in found.parents:
        raise ImageError(
            "A file is named that was not uploaded here, and only uploads can be used: send the file to "
            "/gradio_api/upload, and name the path that comes back."
        )
    return path


def _files_in(data: Any) -> Iterator[dict[str, Any]]:
    """All that Gradio might take for a file, however deep in the data."""
    left = [data]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            if isinstance(value.get("path"), str):
                yield value
            left += value.values()
        elif isinstance(value, (list, tuple)):
            left += value


def _to_be_fetched(file: dict[str, Any]) -> bool:
    """True for the address of a file that Gradio fetches into the folder of uploads."""
    meta, is_address = file.get("meta"), file["path"].startswith(("http://", "https://"))
    return is_address and isinstance(meta, dict) and meta.get("_type") == "gradio.FileData"


def closing_routes() -> list[APIRoute]:
    """Routes that answer in the place of `UNUSED_ROUTES`, when the app has them before Gradio's."""

    async def refuse() -> None:
        raise HTTPException(404, "This page has no use for that route: /gradio_api/info lists what can be called.")

    return [APIRoute(path, refuse, methods=["POST"]) for path in UNUSED_ROUTES]


def decode_only_readable() -> None:
    """Have Pillow decode nothing but `READABLE` in this process, whoever calls it.

    Gradio opens what it is sent with all that Pillow knows, whatever the file's name says; for EPS, Pillow starts
    Ghostscript.  Pillow registers all formats first, as it does so once: later it would bring back what is removed.
    """
    Image.init()
    Image.ID[:] = [kind for kind in Image.ID if kind in READABLE]
    for kind in Image.OPEN.keys() - READABLE:
        del Image.OPEN[kind]
    EpsImagePlugin.gs_binary = False
