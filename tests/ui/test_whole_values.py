"""What is sent of each yield, as Gradio has it and whole.

A test that begins with "gradio" fails when Gradio has closed the gap: what stands in for it can go then.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from nst.serving.local import LocalWorker
from nst.ui.page import build
from nst.ui.whole_values import send_whole_values
from tests.ui.small_page import inside_a_loop

YIELDS: list[list[Any]] = [[{"visible": True, "value": [1, 2]}, "a", None], [{"visible": True}, "ab", None]]


def sent(page: gr.Blocks, *yields: list[Any], final: bool = False, session: str | None = "s", **options: Any) -> Any:
    """What goes out for the last of the yields of one run.  final: whether that is its end."""
    event: Any = SimpleNamespace(outputs=yields[0])
    for i, values in enumerate(yields, 1):
        is_last = final and i == len(yields)
        out = page.handle_streaming_diffs(event, list(values), session_hash=session, run="r", final=is_last, **options)
    return out


def empty_page() -> gr.Blocks:
    return gr.Blocks(analytics_enabled=False)


@pytest.fixture(params=["a page", "the page"])
def page(request: pytest.FixtureRequest, worker: LocalWorker) -> gr.Blocks:
    if request.param == "the page":
        page: gr.Blocks = inside_a_loop(lambda: build(worker))
        return page
    page = inside_a_loop(empty_page)
    send_whole_values(page)
    return page


def test_gradio_sends_edits_of_what_the_browser_may_still_have_to_show() -> None:
    edits = sent(inside_a_loop(empty_page), *YIELDS)
    assert edits == [[["delete", ["value"], None]], [["append", [], "b"]], []]


def test_what_changes_is_replaced(page: gr.Blocks) -> None:
    assert sent(page, *YIELDS) == [[["replace", [], {"visible": True}]], [["replace", [], "ab"]], []]


def test_the_first_yield_and_the_end_are_sent_as_they_are(page: gr.Blocks) -> None:
    assert sent(page, YIELDS[0]) == YIELDS[0]
    assert sent(page, YIELDS[1], [[], "what an end says", {}], final=True) == YIELDS[1]
    assert sent(page, YIELDS[0]) == YIELDS[0]  # of another run, as the first has ended


@pytest.mark.parametrize("options", [{"simple_format": True}, {"session": None}])
def test_who_reads_no_edits_gets_none(page: gr.Blocks, options: dict[str, Any]) -> None:
    assert sent(page, *YIELDS, **options) == YIELDS[1]
