"""Which errors become a sentence for the client, and which stay what they are."""

from __future__ import annotations

import gradio as gr
import pytest

from nst.errors import BusyError, ClosedError, ImageError
from nst.ui.friendly import friendly


@pytest.mark.parametrize("kind", [ImageError, BusyError, ClosedError])
def test_an_error_of_the_project_is_said_as_it_is(kind: type[Exception]) -> None:
    with pytest.raises(gr.Error) as raised, friendly():
        raise kind("Three sentences. Of ours.")
    assert raised.value.message == "Three sentences. Of ours."
    assert not raised.value.print_exception


def test_on_the_page_a_strangers_file_name_stays_plain_text() -> None:
    with pytest.raises(gr.Error) as raised, friendly():
        raise ImageError("<script>.png is damaged")
    assert raised.value.message == "&lt;script&gt;.png is damaged"
    with pytest.raises(gr.Error, match=r"<b>.png is damaged"), friendly(on_page=False):
        raise ImageError("<b>.png is damaged")


def test_a_bug_of_our_own_is_no_sentence() -> None:
    with pytest.raises(ZeroDivisionError), friendly():
        _ = 1 // 0


def test_a_long_value_that_is_quoted_does_not_come_back_in_full() -> None:
    with pytest.raises(gr.Error) as caught, friendly():
        raise ImageError(f"size is {'9' * 10_000}: allowed is a number.")
    assert caught.value.message.startswith("size is 999")
    assert caught.value.message.endswith("9: allowed is a number.")
    assert len(caught.value.message) < 620
