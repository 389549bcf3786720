"""Each gap of Gradio's, as it is without us, and with what makes up for it.

A test that begins with "gradio" fails when Gradio has closed the gap: what stands in for it can go then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from gradio.components.image_editor import AcceptBlobs, BlobData
from gradio.components.imageslider import SliderData
from gradio.data_classes import ImageData
from gradio.mcp import GradioMCPServer
from gradio.route_utils import delete_files_created_by_app
from gradio.routes import App
from PIL import Image, UnidentifiedImageError

from nst.pictures.writing import save_image
from nst.ui.checked_blocks import CheckedBlocks
from nst.ui.gradio_gaps import (
    QUEUE_POLL,
    SESSIONS,
    UNUSED_ROUTES,
    describe_in_whole,
    file_to_show,
    give_agents_every_output,
    leave_both_to_us,
    leave_reading_to_us,
    poll_queue_gently,
)
from tests.conftest import smooth_picture
from tests.ui.small_page import inside_a_loop, output_of


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of uploads, which is the test's own."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
    return folder


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A picture that nobody uploaded."""
    return save_image(smooth_picture(32, 32, seed=1), tmp_path / "secret.png")


def with_page(kind: type[gr.Blocks], work: Callable[[gr.Blocks], Any]) -> Any:
    """What is done with a page of one event, which gets an image."""

    def made() -> Any:
        with kind(analytics_enabled=False) as page:
            gr.Button().click(lambda image: None, gr.Image(type="pil"), None)
        return work(page)

    return inside_a_loop(made)


def received(kind: type[gr.Blocks], value: Any) -> Any:
    """What the handler of a page's only event gets for a value that is sent."""
    (data,) = with_page(kind, lambda page: page.preprocess_data(page.fns[0], [value], None))
    return data


# CheckedBlocks


def test_gradio_opens_a_file_that_was_not_uploaded_if_it_does_not_call_itself_one(secret: Path) -> None:
    assert received(gr.Blocks, {"path": str(secret)}).size == (32, 32)


def test_a_file_that_was_not_uploaded_is_refused(secret: Path, uploads: Path) -> None:
    with pytest.raises(gr.Error, match="The request names a file that was not uploaded here"):
        received(CheckedBlocks, {"path": str(secret)})
    uploaded = secret.rename(uploads / "a.png")
    assert received(CheckedBlocks, {"path": str(uploaded)}).size == (32, 32)


# sessions


KEPT = """
import sys, urllib.request
import gradio as gr
from gradio.events import api
from nst.ui.checked_blocks import CheckedBlocks
from nst.ui.page import LAUNCH

def echo(text: str) -> str:
    return text

for kind, options in ((gr.Blocks, {"ssr_mode": False}), (CheckedBlocks, LAUNCH)):
    with kind() as page:
        api(echo, api_name="echo")
    page.queue().launch(prevent_thread_lock=True, quiet=True, **options)
    headers = {"Content-Type": "application/json"}
    for _ in range(120):
        call = urllib.request.Request(f"{page.local_url}gradio_api/call/echo", b'{"data": ["a"]}', headers)
        event = urllib.request.urlopen(call, timeout=60).read().split(b'"')[3].decode()
        urllib.request.urlopen(f"{page.local_url}gradio_api/call/echo/{event}", timeout=60).read()
    states = list(page.state_holder.session_data.values())
    print(len(states), sum(len(state.config_values) for state in states) > 0)
    page.close(verbose=False)
"""


def test_gradio_remembers_every_call_and_here_the_last_hundred_without_what_they_sent() -> None:
    assert output_of(KEPT).splitlines() == ["120 True", f"{SESSIONS} False"]


# closing_routes


def test_gradio_keeps_as_many_blobs_as_a_sender_says() -> None:
    editor, sent = gr.ImageEditor(), BlobData(type="layer", index=1000, file=b"", id="id")
    editor.accept_blobs(AcceptBlobs(data=sent, files=[("file", b"x")]))
    assert len(editor.blob_storage["id"].layers) == 1001


@pytest.mark.parametrize("path", UNUSED_ROUTES)
def test_gradio_has_routes_that_nothing_here_needs(path: str) -> None:
    app = with_page(gr.Blocks, App.create_app)
    path = path.replace("{rest:path}", "a/b" if "stream" not in path else "a/1/2/playlist.m3u8")
    requests: list[dict[str, Any]] = [
        {"type": "http", "path": path, "method": method, "headers": [], "root_path": ""} for method in ("GET", "POST")
    ]
    assert any(route.matches(request)[0].name == "FULL" for route in app.routes for request in requests)


# leave_reading_to_us


def test_gradio_opens_an_image_of_which_only_the_path_is_wanted(uploads: Path) -> None:
    (uploads / "a.png").write_bytes(b"no image")
    component = gr.Image(type="filepath", image_mode=None)
    with pytest.raises(UnidentifiedImageError):
        component.preprocess(ImageData(path=str(uploads / "a.png")))
    assert leave_reading_to_us(component).preprocess(ImageData(path=str(uploads / "a.png"))) == str(uploads / "a.png")


# leave_both_to_us


def test_gradio_opens_both_pictures_of_a_slider_of_which_only_the_paths_are_wanted(uploads: Path, secret: Path) -> None:
    (broken := uploads / "a.png").write_bytes(b"no image")
    slider, sent = gr.ImageSlider(type="filepath"), SliderData(root=(ImageData(path=str(broken)), None))
    with pytest.raises(UnidentifiedImageError):
        slider.preprocess(sent)
    assert leave_both_to_us(slider).preprocess(sent) == (str(broken), None)
    assert slider.preprocess(None) is None
    with pytest.raises(gr.Error, match="was not uploaded here"):
        slider.preprocess(SliderData(root=(None, ImageData(path=str(secret)))))


# file_to_show


def test_gradio_describes_several_files_by_references_that_lead_nowhere_for_agents() -> None:
    files = gr.File(file_count="multiple", render=False)
    assert files.api_info()["items"] == {"$ref": "#/$defs/FileData"}
    described = describe_in_whole(files).api_info()
    assert "$ref" not in str(described)
    assert described["items"]["properties"]["meta"]["default"] == {"_type": "gradio.FileData"}


def test_gradio_writes_a_picture_again_that_others_may_be_reading() -> None:
    component, image = gr.Image(), Image.new("RGB", (20, 10), "red")
    first, second = component.postprocess(image), component.postprocess(image)
    assert isinstance(first, ImageData)
    assert isinstance(second, ImageData)
    assert first.path == second.path


def test_the_same_picture_shown_twice_is_in_two_files(uploads: Path) -> None:
    """Each in Gradio's own folder, which it serves as it is."""
    image = Image.new("RGB", (20, 10), "red")
    first, second = (Path(file_to_show(image, "mask.png")) for _ in range(2))
    assert first != second
    assert first.name == second.name == "mask.png"
    assert first.parent.parent == second.parent.parent == uploads
    assert gr.Image(interactive=False).move_resource_to_block_cache(first) == str(first)
    with Image.open(first) as opened:
        assert opened.size == (20, 10)
        assert opened.getpixel((3, 3)) == (255, 0, 0)


# decode_only_readable, which holds for the whole process: tests/ui/test_holes.py has the app's


def test_gradio_decodes_whatever_pillow_knows(uploads: Path) -> None:
    Image.new("RGB", (4, 4), "red").save(uploads / "a.png", "PPM")
    image = gr.Image(type="pil").preprocess(ImageData(path=str(uploads / "a.png"), orig_name="a.png"))
    assert isinstance(image, Image.Image)


# upload_folder


class Growing:
    """A file in a set that gets another one while the sweep looks at it."""

    def __init__(self, files: set[Any], path: Path) -> None:
        self._files = files
        self._path = path

    def __fspath__(self) -> str:
        self._files.add(str(self._path / "uploaded meanwhile"))
        return str(self._path)


def test_gradios_own_sweep_ends_when_a_file_comes_meanwhile(tmp_path: Path) -> None:
    files: set[Any] = set()
    files.add(Growing(files, tmp_path))
    page: Any = SimpleNamespace(blocks={}, temp_file_sets=[files])
    with pytest.raises(RuntimeError, match="changed size during iteration"):
        delete_files_created_by_app(page, age=10)


# poll_queue_gently


def test_gradio_looks_for_events_a_thousand_times_a_second() -> None:
    page = with_page(gr.Blocks, lambda page: page.queue())
    assert (page._queue.sleep_when_free, page._queue.progress_update_sleep_when_free) == (0.001, 0.01)
    poll_queue_gently(page)
    assert page._queue.sleep_when_free == page._queue.progress_update_sleep_when_free == QUEUE_POLL


# unread_messages


UNHEARD = """
import threading, urllib.request
import gradio as gr
from nst.ui.gradio_gaps import unread_messages

ended, unread = threading.Event(), []

async def count(request: gr.Request):
    for i in range(4):
        yield i
        unread.append(unread_messages(request))
    ended.set()

with gr.Blocks() as page:
    gr.Button().click(count, None, gr.Number(), api_name="count")
page.queue().launch(prevent_thread_lock=True, quiet=True, ssr_mode=False)
headers = {"Content-Type": "application/json"}
call = urllib.request.Request(f"{page.local_url}gradio_api/call/count", b'{"data": []}', headers)
urllib.request.urlopen(call, timeout=60).close()
print(ended.wait(60), *unread)
"""


def test_gradio_runs_a_job_to_its_end_that_nobody_listens_to() -> None:
    ended, *unread = output_of(UNHEARD).split()
    assert ended == "True"
    counts = [int(count) for count in unread]
    assert counts == sorted(counts)
    assert counts[-1] >= 4


# give_agents_every_output


def test_gradio_gives_an_agent_several_outputs_as_one() -> None:
    job: Any = SimpleNamespace(result=lambda: ("picture.png", {"state": "done"}))
    server: Any = object.__new__(GradioMCPServer)
    assert asyncio.run(server._execute_tool_without_progress(job)) == [("picture.png", {"state": "done"})]
    give_agents_every_output(SimpleNamespace(mcp_server_obj=server))  # type: ignore[arg-type]
    assert asyncio.run(server._execute_tool_without_progress(job)) == ["picture.png", {"state": "done"}]


def test_one_output_stays_one() -> None:
    job: Any = SimpleNamespace(result=lambda: {"fast": {}})
    server: Any = object.__new__(GradioMCPServer)
    give_agents_every_output(SimpleNamespace(mcp_server_obj=server))  # type: ignore[arg-type]
    assert asyncio.run(server._execute_tool_without_progress(job)) == [{"fast": {}}]
