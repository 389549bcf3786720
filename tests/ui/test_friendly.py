"""Which errors become a sentence for the client, and which stay what they are."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import gradio as gr
import pytest

from nst.errors import BusyError, ClosedError, ImageError, OutputError
from nst.pictures.picture import Picture
from nst.pictures.writing import save_image
from nst.ui.friendly import friendly, in_words
from nst.ui.full_disk import SENTENCE
from nst.ui.languages import ENGLISH, LANGUAGES


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


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_one_sentence(number: int) -> None:
    with pytest.raises(gr.Error) as raised, friendly():
        raise OSError(number, os.strerror(number))
    assert (raised.value.message, raised.value.print_exception) == (SENTENCE, False)


def test_a_full_disk_under_a_result_is_the_same_sentence_and_names_no_path(
    content: Picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(gr.Error) as raised, friendly():
        save_image(content, tmp_path / "a.png")
    assert raised.value.message == SENTENCE


def test_another_fault_of_a_file_is_not_taken_for_a_full_disk() -> None:
    with pytest.raises(PermissionError), friendly():
        raise PermissionError(errno.EACCES, "Permission denied")
    with pytest.raises(gr.Error, match="Permission denied"), friendly():
        raise OutputError("'a.png' can't be written: Permission denied.")


def test_a_visitor_reads_a_sentence_of_ours_in_chinese_and_another_as_it_is() -> None:
    with pytest.raises(gr.Error) as raised, friendly():
        raise ImageError("<b>.png is 3x4 px: each side must have at least 16 px.")
    chinese = in_words(raised.value, LANGUAGES["zh"])
    assert chinese.message == "&lt;b&gt;.png 是 3x4 px：每边至少须有 16 px。"
    assert (chinese.title, chinese.print_exception) == ("出错了", False)
    assert in_words(raised.value, ENGLISH) is raised.value
    lent = gr.Error("No GPU: <a href='https://huggingface.co/pro'>subscribe</a>", duration=None, print_exception=False)
    assert in_words(lent, LANGUAGES["zh"]).message == lent.message
    assert in_words(lent, LANGUAGES["zh"]).duration is None
