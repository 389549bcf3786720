"""What becomes of an upload before a handler sees it."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
import pytest
from gradio.data_classes import ImageData

from nst.pictures.reading import load_image
from nst.pictures.writing import save_image
from nst.ui.image_input import check_upload, image_input
from tests.conftest import smooth_picture
from tests.pictures.sound_files import heif


def test_uploads_are_checked_and_shown_in_a_format_that_browsers_know(tmp_path: Path) -> None:
    picture = smooth_picture(40, 32, seed=1)
    png = str(save_image(picture, tmp_path / "a.png"))
    assert check_upload(png) == png
    assert check_upload(None) is None
    shown = check_upload(str(save_image(picture, tmp_path / "b.tiff")))
    assert shown == str(tmp_path / "b.png")
    assert load_image(shown).digest == load_image(tmp_path / "b.tiff").digest


def test_a_photograph_of_an_iphone_is_shown_as_png(tmp_path: Path) -> None:
    (tmp_path / "IMG_0001.HEIC").write_bytes(heif(smooth_picture(40, 32, seed=1).to_pil()))
    assert check_upload(str(tmp_path / "IMG_0001.HEIC")) == str(tmp_path / "IMG_0001.png")


def test_an_upload_that_is_no_image_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "c.jpg").write_bytes(b"no image")
    with pytest.raises(gr.Error, match=r"c.jpg is not an image"):
        check_upload(str(tmp_path / "c.jpg"))


def test_an_input_hands_on_the_uploaded_file_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    upload = str(tmp_path / "uploads" / "anything.jpg")
    component = image_input("Content")
    assert component.preprocess(None) is None
    assert component.preprocess(ImageData(path=upload, orig_name="broken.jpg")) == upload
    with pytest.raises(gr.Error, match="not uploaded here"):
        component.preprocess(ImageData(path=str(tmp_path / "anything.jpg")))
