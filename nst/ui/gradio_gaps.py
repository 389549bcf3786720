"""What Gradio 6.31 lacks, made up for: all of its private attributes that are touched, and all of its own that is
replaced or corrected, here and nowhere else.

Each thing says which gap it is for, and has a test in tests/ui/test_gradio_gaps.py, or in test_browser_gaps.py where it
takes a browser, that fails when Gradio closes the gap: then it can go.  One more gap has a file of its own:
`upload_folder`.
"""

from __future__ import annotations

import io
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import HTTPException
from fastapi.routing import APIRoute
from gradio.context import LocalContext
from gradio.data_classes import ImageData
from gradio.utils import get_upload_folder
from PIL import EpsImagePlugin, Image

from ..errors import ImageError
from ..pictures.limits import READABLE
from .friendly import friendly

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

QUEUE_POLL = 0.02
"""Seconds; Gradio's own 0.001 outside Windows costs a painting on two cores a fifth of its speed."""


# Files: what a request may name, how it is read, where it lies


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
                if not _is_fetched_by_gradio(file):
                    require_uploaded(file["path"])
        processed: list[Any] = await super().preprocess_data(block_fn, inputs, state, explicit_call)
        return processed


def require_uploaded(path: str) -> str:
    """The path, if it leads into the folder of uploads when links and `..` are followed; ImageError if elsewhere.

    The page's own pictures are there too, as Gradio copies them.  Nothing is said about what there is elsewhere: the
    answer is the same for files that exist and for those that don't.
    """
    try:
        target = Path(os.path.realpath(path))
    except ValueError:  # a path that no file system knows
        target = Path("/")
    if Path(os.path.realpath(get_upload_folder())) not in target.parents:
        raise ImageError(
            "A file is named that was not uploaded here, and only uploads can be used: send the file to "
            "/gradio_api/upload, and name the path that comes back."
        )
    return path


def _files_in(data: Any) -> Iterator[dict[str, Any]]:
    """All that Gradio might take for a file, however deep in the data."""
    pending = [data]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if isinstance(value.get("path"), str):
                yield value
            pending += value.values()
        elif isinstance(value, (list, tuple)):
            pending += value


def _is_fetched_by_gradio(file: dict[str, Any]) -> bool:
    """True for the address of a file that Gradio fetches into the folder of uploads."""
    meta, is_address = file.get("meta"), file["path"].startswith(("http://", "https://"))
    return is_address and isinstance(meta, dict) and meta.get("_type") == "gradio.FileData"


def leave_reading_to_us(component: gr.Image) -> gr.Image:
    """Have an image input hand on the path of the upload, whatever is in the file.

    Even with `type="filepath"`, gr.Image opens the file first, and fails on a damaged one without a helpful word.
    Not a subclass: for each of those Gradio writes a .pyi file beside the source.
    """
    component.preprocess = _path_of  # type: ignore[method-assign]
    return component


def _path_of(payload: ImageData | None) -> str | None:
    if payload is None or payload.path is None:
        return None
    with friendly():
        return require_uploaded(payload.path)


def file_to_show(image: Image.Image, name: str) -> str:
    """A new file of a picture where Gradio keeps its own; returns the path, which a component takes as its value.

    name: of the file, whose extension decides the format.

    Given the picture itself, Gradio names the file for its content and writes it again for every visitor who is
    shown the same, also while the browser of another is reading it.
    """
    folder = get_upload_folder()
    os.makedirs(folder, exist_ok=True)
    path = Path(tempfile.mkdtemp(dir=folder)) / name
    image.save(path, quality=88)
    return str(path)


def decode_only_readable() -> None:
    """Have Pillow decode nothing but `READABLE` in this process, whoever calls it.

    Gradio opens what it is sent with all that Pillow knows, whatever the file's name says; for EPS, Pillow starts
    Ghostscript.  Pillow registers all formats first, as it does so once: later it would bring back what is removed.
    What `load_image` reads does not depend on it, so that HEIF need not be registered for anybody else.
    """
    Image.init()
    Image.ID[:] = [kind for kind in Image.ID if kind in READABLE]
    for kind in Image.OPEN.keys() - READABLE:
        del Image.OPEN[kind]
    EpsImagePlugin.gs_binary = False


# The server: routes, the queue, launching, agents


def closing_routes() -> list[APIRoute]:
    """Routes that answer in the place of `UNUSED_ROUTES`, when the app has them before Gradio's."""

    async def refuse() -> None:
        raise HTTPException(404, "This page has no use for that route: /gradio_api/info lists what can be called.")

    return [APIRoute(path, refuse, methods=["POST"]) for path in UNUSED_ROUTES]


def poll_queue_gently(page: gr.Blocks) -> None:
    """Have Gradio look for new events every `QUEUE_POLL` seconds, for which it has no option."""
    page._queue.sleep_when_free = page._queue.progress_update_sleep_when_free = QUEUE_POLL


def unread_messages(request: gr.Request) -> int:
    """How many messages wait for a client.

    Gradio runs a job to its end even if nobody ever opens its stream, and says nothing of that to the handler.
    """
    blocks = LocalContext.blocks.get()
    assert blocks is not None
    messages = blocks._queue.pending_messages_per_session.get(str(request.session_hash))
    return messages.qsize() if messages else 0


@contextmanager
def brief_about_sharing(wanted: bool) -> Iterator[None]:
    """Print what Gradio prints while a page is launched, but one line where a public link can't be had.

    wanted: whether a link is asked for.  Gradio has up to twelve lines for that, also with `quiet=True`.
    """
    printed = io.StringIO()
    with redirect_stdout(printed) if wanted else nullcontext():
        yield
    kept, failures = re.subn(r"\nCould not create share link.*?(?=\n🔨|\Z)", "", printed.getvalue(), flags=re.DOTALL)
    print(kept, end="", flush=True)
    if failures:
        print("There is no public link, as Gradio's server for them can't be reached: the page is served here alone.")


def give_agents_every_output(page: gr.Blocks) -> None:
    """Have every tool of a launched page answer with all of its outputs, also to an agent that asks for no progress.

    Gradio sends such an agent the outputs as one text, in which an image is a path on the server.
    """
    server: Any = page.mcp_server_obj
    result_as_one = server._execute_tool_without_progress

    async def every_output(job: Any) -> list[Any]:
        (result,) = await result_as_one(job)
        return list(result) if isinstance(result, tuple) else [result]

    server._execute_tool_without_progress = every_output


# The browser: names and looks that no option sets

NAME_BUTTONS = """() => {
    const name = () => {
        for (const button of document.querySelectorAll('button:has(img)')) {
            if (button.innerText.trim()) continue;
            const label = button.closest('.block')?.querySelector('label');
            const words = button.querySelector('img').alt || label?.innerText;
            if (words && button.getAttribute('aria-label') !== words) {
                button.setAttribute('aria-label', words);
                button.title = words;
            }
        }
    };
    new MutationObserver(name).observe(document.body, {childList: true, subtree: true});
    name();
}"""
"""Gradio calls a thumbnail "Thumbnail 1 of 7" and a large image nothing: say what they show, to screen readers and
under the mouse."""

CSS = """
.picks .grid-container { grid-template-columns: repeat(auto-fill, minmax(52px, 1fr)) !important; gap: 6px; }
.finished .grid-container { grid-template-columns: repeat(auto-fill, minmax(120px, 1fr)) !important; }
.picks .grid-container, .finished .grid-container { grid-auto-rows: auto; }
.picks .grid-wrap, .finished .grid-wrap { min-height: 0; height: auto; max-height: none; }
.picks .caption-label, .finished .caption-label { display: none; }
.picture .image-frame img { object-fit: contain !important; }
.dark button[role=tab].selected { color: var(--primary-300); }
#intuition .block:has(.katex) { overflow: visible !important; }
@media (max-width: 700px) {
    .picks .grid-container { display: flex !important; overflow-x: auto; }
    .picks button.thumbnail-item { width: 64px; }
    .tab-container button { padding-inline: 6px !important; font-size: 0.8rem !important; }
}
"""
"""By Gradio's own class names, which no promise covers.  Galleries: as many columns as fit, rows and a whole no higher
than their pictures, no captions over them (.picks: small ones in rows, which a phone scrolls; .finished: larger ones).
Images: a small one fills its frame (.picture).  A chosen tab can be read in the dark, formulas are not cut off, and on
a phone the tabs fit."""
