"""What Gradio 6.31 lacks, made up for: all of its private attributes that are touched, and all of its own that is
replaced or corrected, here and nowhere else.

Each thing says which gap it is for, and has a test in tests/ui/test_gradio_gaps.py or test_gradio_launch.py, or in
test_browser_gaps.py where it takes a browser, that fails when Gradio closes the gap: then it can go.  No issue of
Gradio's was known for any of them when it was written.  Five more gaps have files of their own: `checked_blocks`,
`gradio_stubs`, `page_language`, `upload_folder` and `whole_values`.
"""

from __future__ import annotations

import io
import logging
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from gradio import networking
from gradio.components.imageslider import SliderData
from gradio.context import LocalContext
from gradio.data_classes import ImageData
from gradio.routes import App
from gradio.utils import get_upload_folder
from PIL import EpsImagePlugin, Image
from starlette.responses import Response

from ..pictures.limits import READABLE
from ..pictures.writing import check_output, write_image
from .friendly import friendly
from .refusal import RefusedError
from .sent_image import require_uploaded

UNUSED_ROUTES = (
    "/gradio_api/component_server",
    "/gradio_api/component_server/",
    "/gradio_api/process_recording",
    "/gradio_api/deep_link",
    "/gradio_api/stream/{rest:path}",
    "/gradio_api/proxy={rest:path}",
    "/gradio_api/vibe-edit",
    "/gradio_api/vibe-edit/",
    "/gradio_api/vibe-code",
    "/gradio_api/vibe-code/",
    "/gradio_api/undo-vibe-edit",
    "/gradio_api/undo-vibe-edit/",
    "/gradio_api/vibe-starter-queries",
    "/gradio_api/vibe-starter-queries/",
)
"""Routes of Gradio that nothing on the page needs, and that do much for anybody who asks.

component_server: calls a method of a component.  The one of ImageEditor, which its browser side calls for `change` and
`input` events alone, keeps what it is sent for good, in a list as long as the sender says.
process_recording: starts ffmpeg on what it is sent, and ffmpeg opens whatever files that names.
deep_link: writes what a session was sent into a file.  stream: changes what waits in the line.
proxy: fetches from other hosts.  vibe-…: writes the program anew.
"""

SESSIONS = 100
"""Sessions of which Gradio remembers something; of its own 10,000, each call through the API is one."""

_log = logging.getLogger(__name__)

ERROR_LENGTH = 500
"""Characters of a mistake as agents are told it; those of this project are shorter."""

CONNECTIONS = 500
"""At a time; a browser has up to six for a page, and a process may often have no more than 1024 files open."""

HEADER_SECONDS = 30.0
"""For the head of a request; a client that keeps its connection open is hung up on after 5 s without one."""

LAST_WORD_SECONDS = 8.0
"""For the pictures that were reached when the page is closed, and a sentence; mostly it takes a part of one.  Docker
gives a program ten."""

DELIVERY_SECONDS = 2.0
"""For last words on their way; those to somebody who never listens stay for good."""

QUEUE_POLL = 0.02
"""Seconds; Gradio's own 0.001 outside Windows costs a painting on two cores a fifth of its speed."""


# Files: what a request may name, how it is read, where it lies


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


def leave_both_to_us(slider: gr.ImageSlider) -> gr.ImageSlider:
    """Have a slider hand on the paths of both of its pictures, and open neither.

    As gr.Image, and of any number of pixels: it decodes what is not of its mode, and writes it anew.
    """
    slider.preprocess = _both_paths_of  # type: ignore[method-assign]
    return slider


def _both_paths_of(payload: SliderData | None) -> tuple[str | None, str | None] | None:
    if payload is None or payload.root is None:
        return None
    before, after = payload.root
    return _path_of(before), _path_of(after)


def describe_in_whole(files: gr.File) -> gr.File:
    """Have an input of several images described to programs as a list of what one is.

    Gradio describes it by references into the description, which lead nowhere in what it tells agents: each of their
    calls fails.
    """
    files.api_info = lambda: {"type": "array", "items": ImageData.model_json_schema()}  # type: ignore[method-assign]
    return files


def leave_layers_to_us(editor: gr.ImageEditor) -> gr.ImageEditor:
    """Have an editor hand on the paths of the layers painted on it, and open neither them nor what is below them.

    gr.ImageEditor opens everything that it is sent at once, of any number and size, and Gradio keeps the result.
    """
    editor.preprocess = _paths_of_layers  # type: ignore[method-assign, assignment]
    return editor


def _paths_of_layers(payload: Any) -> list[str]:
    layers = payload.layers if payload is not None else None
    with friendly():
        return [require_uploaded(layer.path) for layer in layers or () if layer is not None]


def file_to_show(image: Image.Image, name: str) -> str:
    """A new file of a picture where Gradio keeps its own; returns the path, which a component takes as its value.

    name: of the file, whose extension decides the format.

    Given the picture itself, Gradio names the file for its content and writes it again for every visitor who is
    shown the same, also while the browser of another is reading it.
    """
    folder = get_upload_folder()
    os.makedirs(folder, exist_ok=True)
    path = Path(tempfile.mkdtemp(dir=folder)) / name
    return str(write_image(image, path, check_output(path), quality=88))


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


@contextmanager
def without_an_app() -> Iterator[None]:
    """No server is made in this block for a page: that is done when it is launched.

    Gradio makes one when a page is begun, one when it is drawn and one when its queue is set, each with all of its
    routes and with the description of all that is on the page, and launching makes another.
    """
    app_class: Any = App
    make, app_class.create_app = App.create_app, staticmethod(lambda *_, **__: None)
    try:
        yield
    finally:
        app_class.create_app = staticmethod(make)


@contextmanager
def sure_of_being_reached() -> Iterator[None]:
    """A launch in this block does not end the program where its own page takes long to come.

    Gradio asks for the page once more, after the server has answered it already, and gives up after three seconds,
    which a busy machine may need.
    """

    def is_reached(url: str) -> bool:  # noqa: ARG001  # as Gradio's own
        return True

    ask, networking.url_ok = networking.url_ok, is_reached
    try:
        yield
    finally:
        networking.url_ok = ask


def closing_routes() -> list[APIRoute]:
    """Routes that answer in the place of `UNUSED_ROUTES`, when the app has them before Gradio's."""

    async def refuse() -> None:
        raise HTTPException(404, "This page has no use for that route: /gradio_api/info lists what can be called.")

    return [APIRoute(path, refuse, methods=["GET", "HEAD", "POST"]) for path in UNUSED_ROUTES]


async def refuse_wrong_bodies(_: Request, error: Exception) -> Response:
    """One sentence for a call that is not what its route wants, where FastAPI sends back all that it was sent.

    A handler of `RequestValidationError`.
    """
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part)[:50] for part in first["loc"][:5])
    sentence = f"The call can't be understood, at {place}: {str(first['msg'])[:150]}."
    _log.warning("refused with 400: %s", ascii(sentence))
    return RefusedError(400, sentence).response()


def await_requests(page: gr.Blocks, seconds: float = HEADER_SECONDS) -> None:
    """Have a launched page hang up on who connects and sends nothing, or half of a request's head.

    uvicorn waits for ever for those, of any number, and Gradio passes no options on to it.
    """
    config = page.server.config
    config.limit_concurrency = CONNECTIONS
    protocol: Any = config.http_protocol_class

    class Impatient(protocol):  # type: ignore[misc]
        """Counts down whenever the head of a request is not whole."""

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self.hang_up = self.loop.call_later(seconds, transport.close)

        def data_received(self, data: bytes) -> None:
            cycle = self.cycle
            super().data_received(data)
            if self.cycle is not cycle:
                self.hang_up.cancel()
            elif cycle is not None and cycle.response_complete and self.hang_up.cancelled():
                self.hang_up = self.loop.call_later(seconds, self.transport.close)

        def connection_lost(self, exc: Exception | None) -> None:
            self.hang_up.cancel()
            super().connection_lost(exc)

    config.http_protocol_class = Impatient


def end_streams(page: gr.Blocks, seconds: float = LAST_WORD_SECONDS) -> None:
    """Wait until what runs has had its last word, and have the rest cut off when the page is closed.

    Gradio waits five seconds for connections to end by themselves, and a stream ends by itself after ten.  What is
    still to be sent when the page is closed it replaces by a sentence of its own, which its own client can't read.
    """
    ends_at = time.monotonic() + seconds
    while any(page._queue.active_jobs) and time.monotonic() < ends_at:
        time.sleep(QUEUE_POLL)
    ends_at = min(ends_at, time.monotonic() + DELIVERY_SECONDS)
    while any(list(page._queue.pending_event_ids_session.values())) and time.monotonic() < ends_at:
        time.sleep(QUEUE_POLL)
    if page.is_running:
        config: Any = page.server.config
        config.timeout_graceful_shutdown = 0.5


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


def answer_agents_briefly(page: gr.Blocks) -> None:
    """Have no mistake of an agent come back in full: it would be as long as what was sent, pictures and all."""
    from mcp.types import CallToolRequest

    server: Any = page.mcp_server_obj
    handlers = server.mcp_server.request_handlers
    call_tool = handlers[CallToolRequest]

    async def briefly(request: Any) -> Any:
        answer = await call_tool(request)
        for part in answer.root.content if answer.root.isError else ():
            if len(part.text) > ERROR_LENGTH:
                part.text = f"{part.text[:ERROR_LENGTH]}…"
        return answer

    handlers[CallToolRequest] = briefly


# The browser: names and looks that no option sets

NAME_BUTTONS = """() => {
    const name = () => {
        for (const button of document.querySelectorAll('button:has(img)')) {
            if (button.innerText.trim()) continue;
            const label = button.closest('.block')?.querySelector('label');
            const label_text = button.querySelector('img').alt || label?.innerText;
            if (label_text && button.getAttribute('aria-label') !== label_text) {
                button.setAttribute('aria-label', label_text);
                button.title = label_text;
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
.gradio-container .block .html-container { padding-inline: 0; }
footer .divider:last-child { display: none; }
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
Images: a small one fills its frame (.picture).  Sentences begin where pictures do, though `gr.HTML(padding=False)`
leaves 12 px; the last link of the foot has no dot behind it.  A chosen tab can be read in the dark, formulas are not
cut off, and on a phone the tabs fit."""
