"""Each gap of Gradio's, as it is without us, and with what makes up for it.

A test that begins with "gradio" fails when Gradio has closed the gap: what stands in for it can go then.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from gradio import networking
from gradio.components.image_editor import AcceptBlobs, BlobData
from gradio.components.imageslider import SliderData
from gradio.data_classes import ImageData
from gradio.mcp import GradioMCPServer
from gradio.route_utils import delete_files_created_by_app
from gradio.routes import App
from PIL import Image, UnidentifiedImageError

from nst.pictures.writing import save_image
from nst.ui import gradio_gaps
from nst.ui.checked_blocks import CheckedBlocks
from nst.ui.gradio_gaps import (
    DELIVERY_SECONDS,
    LAST_WORD_SECONDS,
    QUEUE_POLL,
    SESSIONS,
    UNUSED_ROUTES,
    brief_about_sharing,
    describe_in_whole,
    end_streams,
    file_to_show,
    give_agents_every_output,
    leave_both_to_us,
    leave_reading_to_us,
    poll_queue_gently,
    sure_of_being_reached,
)
from tests.conftest import smooth_picture
from tests.waiting import SLOW


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
    """What is done with a page of one event, which gets an image.

    Inside an event loop: outside of one, Gradio makes its own and leaves it open.
    """

    async def inside() -> Any:
        with kind(analytics_enabled=False) as page:
            gr.Button().click(lambda image: None, gr.Image(type="pil"), None)
        result = work(page)
        return await result if asyncio.iscoroutine(result) else result

    return asyncio.run(inside())


def output_of(script: str) -> str:
    """What a program prints that launches a page: one of its own, as Gradio leaves its event loop open."""
    environment = os.environ | {"GRADIO_ANALYTICS_ENABLED": "False"}
    return subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, env=environment, timeout=SLOW
    ).stdout


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


# end_streams


def test_a_last_word_that_takes_more_than_a_moment_is_waited_for() -> None:
    active: list[object] = [None, "event"]
    saying = threading.Timer(1.5, active.clear)
    saying.start()
    end_streams(_page_with(active=active))
    assert active == []
    saying.join()


def test_a_last_word_is_waited_for_until_it_is_sent() -> None:
    unsent = {"session": {"event"}}
    sending = threading.Timer(0.5, unsent["session"].clear)
    sending.start()
    end_streams(_page_with(unsent=unsent))
    assert unsent == {"session": set()}
    sending.join()


@pytest.mark.parametrize(
    ("endless", "waited"),
    [
        ({"active": ["event"]}, LAST_WORD_SECONDS),
        ({"unsent": {"session": {"event"}}}, DELIVERY_SECONDS),
        ({"active": ["event"], "unsent": {"session": {"event"}}}, LAST_WORD_SECONDS),
    ],
)
def test_a_last_word_without_an_end_is_not(
    endless: dict[str, Any], waited: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = [0.0]
    clock = SimpleNamespace(monotonic=lambda: moments[-1], sleep=lambda seconds: moments.append(moments[-1] + seconds))
    monkeypatch.setattr(gradio_gaps, "time", clock)
    end_streams(_page_with(**endless))
    assert moments[-1] == pytest.approx(waited, abs=2 * QUEUE_POLL)


def _page_with(*, active: Iterable[object] = (), unsent: dict[str, set[str]] | None = None) -> Any:
    queue = SimpleNamespace(active_jobs=active, pending_event_ids_session=unsent or {})
    return SimpleNamespace(_queue=queue, is_running=False)


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


# sure_of_being_reached


def test_gradio_gives_up_where_its_page_takes_more_than_three_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    def slow(_url: str, *, timeout: float, verify: bool) -> None:
        asked.append(timeout)
        raise ConnectionError

    monkeypatch.setattr("httpx.head", slow)
    assert not networking.url_ok("http://127.0.0.1:7860/")
    assert asked == [3]
    with sure_of_being_reached():
        assert networking.url_ok("http://127.0.0.1:7860/")
    assert not networking.url_ok("http://127.0.0.1:7860/")


# brief_about_sharing


SHARED = """
from contextlib import nullcontext
import gradio as gr
from nst.ui.gradio_gaps import brief_about_sharing

def unreachable(**_):
    raise OSError

gr.networking.setup_tunnel = unreachable
for context in (nullcontext(), brief_about_sharing(wanted=True)):
    with gr.Blocks() as page:
        gr.Markdown("")
    with context:
        page.launch(share=True, prevent_thread_lock=True, quiet=True, ssr_mode=False)
    print("---")
"""
NO_LINK = "There is no public link, as Gradio's server for them can't be reached: the page is served here alone."


def test_gradio_is_wordy_about_a_link_that_it_can_not_make_even_when_quiet() -> None:
    without, brief, _ = output_of(SHARED).split("---")
    assert "Could not create share link." in without
    assert brief.strip() == NO_LINK


def test_what_gradio_says_besides_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    with brief_about_sharing(wanted=True):
        print("* Running on local URL:  http://127.0.0.1:7860")
        print("\nCould not create share link. Missing file: frpc. \n\nPlease do this:\n\n1. Download it\n2. Rename it")
        print("\n🔨 Launching MCP server:")
    assert capsys.readouterr().out.splitlines() == [
        "* Running on local URL:  http://127.0.0.1:7860",
        "",
        "🔨 Launching MCP server:",
        NO_LINK,
    ]


def test_nothing_is_held_back_where_no_link_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with brief_about_sharing(wanted=False):
        print("Could not create share link")
        assert capsys.readouterr().out == "Could not create share link\n"


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
