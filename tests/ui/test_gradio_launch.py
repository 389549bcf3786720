"""A page of Gradio's as it is launched and closed, as it is without us, and with what makes up for it.

A test that begins with "gradio" fails when Gradio has closed the gap: what stands in for it can go then.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from gradio import networking

from nst.ui import gradio_gaps
from nst.ui.gradio_gaps import (
    DELIVERY_SECONDS,
    LAST_WORD_SECONDS,
    QUEUE_POLL,
    brief_about_sharing,
    end_streams,
    sure_of_being_reached,
)
from tests.ui.small_page import output_of

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
