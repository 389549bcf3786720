"""Files are written whole or not at all, with what made them."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, PngImagePlugin

from nst.errors import OutputError
from nst.pictures.picture import Picture
from nst.pictures.reading import as_picture, load_image
from nst.pictures.writing import WRITABLE, check_output, save_image
from tests.pictures.support import (
    ALPHA_KINDS,
    EXIF_DESCRIPTION,
    EXIF_ORIENTATION,
    EXIF_SOFTWARE,
    HEIGHT,
    LARGE,
    METADATA_KINDS,
    OUR_JSON,
    PROVENANCE,
    RED,
    WIDTH,
    encoded,
    flat,
    hidden_half,
    loaded,
    raising,
    random_bytes,
    same,
    smooth,
)


@pytest.mark.parametrize("extension", [".png", ".PNG", ".tif", ".tiff", ".bmp"])
def test_lossless_formats_keep_every_byte(extension: str, tmp_path: Path) -> None:
    picture = as_picture(Image.fromarray(random_bytes(3)))
    path = save_image(picture, tmp_path / f"out{extension}")
    assert path == tmp_path / f"out{extension}"
    assert np.array_equal(np.asarray(Image.open(path)), random_bytes(3))
    assert torch.equal(load_image(path).rgb, picture.rgb)


@pytest.mark.parametrize("extension", [".jpg", ".JPEG", ".webp", ".avif"])
def test_lossy_formats_come_close(extension: str, tmp_path: Path) -> None:
    steps = 8 if extension in (".jpg", ".JPEG") else 16  # the others have one color for four pixels
    same(load_image(save_image(Image.fromarray(smooth()), tmp_path / f"out{extension}")).rgb, smooth(), steps)


def test_a_jpeg_keeps_the_color_of_single_pixels(tmp_path: Path) -> None:
    stripes = np.full((HEIGHT, WIDTH, 3), (160, 100, 100), np.uint8)
    stripes[:, ::2] = (100, 130, 100)  # about as light: only the color tells them apart
    same(load_image(save_image(Image.fromarray(stripes), tmp_path / "out.jpg")).rgb, stripes, steps=6)


@pytest.mark.parametrize("extension", WRITABLE)
def test_the_extension_decides_the_format(extension: str, tmp_path: Path) -> None:
    path = save_image(torch.full((3, HEIGHT, WIDTH), 0.5), tmp_path / f"out{extension}")
    with Image.open(path) as image:
        assert image.format == {".jpg": "JPEG", ".tif": "TIFF"}.get(extension, extension[1:].upper())
    assert os.listdir(tmp_path) == [f"out{extension}"]


@pytest.mark.parametrize("kind", ALPHA_KINDS)
def test_alpha_is_put_back_on_saving(kind: str, tmp_path: Path) -> None:
    picture = as_picture(Image.fromarray(smooth(4)))
    path = save_image(picture, tmp_path / f"out.{kind}")
    written = np.asarray(Image.open(path).convert("RGBA")).astype(int)
    assert np.abs(written - np.asarray(picture.to_pil()).astype(int))[..., 3].max() <= (2 if kind == "avif" else 0)
    if kind in ("png", "tiff"):
        assert np.array_equal(written, np.asarray(picture.to_pil()))
    again = load_image(path)
    assert again.alpha is not None
    same(again.alpha, smooth(4)[..., 3:], steps=2 if kind == "avif" else 0)


@pytest.mark.parametrize("extension", [".jpg", ".bmp"])
def test_formats_without_alpha_get_the_composited_colors(extension: str, tmp_path: Path) -> None:
    picture = as_picture(hidden_half("RGBA"))
    again = load_image(save_image(picture, tmp_path / f"out{extension}"))
    assert again.alpha is None
    same(again.rgb, 100, steps=1)


@pytest.mark.parametrize("kind", METADATA_KINDS)
@pytest.mark.parametrize("transparent", [False, True])
def test_provenance_is_written_and_read_back(kind: str, transparent: bool, tmp_path: Path) -> None:
    alpha = torch.full((1, 1, HEIGHT, WIDTH), 0.5) if transparent else None
    picture = Picture(torch.full((1, 3, HEIGHT, WIDTH), 0.5), alpha, provenance=PROVENANCE)
    assert load_image(save_image(picture, tmp_path / f"out.{kind}")).provenance == PROVENANCE


@pytest.mark.parametrize("kind", [*METADATA_KINDS, "bmp"])
def test_provenance_too_long_for_a_jpeg_is_left_out_everywhere(kind: str, tmp_path: Path) -> None:
    for length, kept in ((59_900, kind != "bmp"), (65_600, False)):
        provenance = {"task": "stylize", "recipe": {"note": "x" * length}}
        picture = Picture(torch.full((1, 3, HEIGHT, WIDTH), 0.5), provenance=provenance)
        again = load_image(save_image(picture, tmp_path / f"out.{kind}"))
        same(again.rgb, 127.5, steps=2)
        assert again.provenance == (provenance if kept else None)


@pytest.mark.parametrize("extension", [".png", ".jpg", ".tif", ".bmp"])
def test_how_large_it_is_to_be_printed_stands_in_the_file(extension: str, tmp_path: Path) -> None:
    picture = Picture(torch.rand(1, 3, 20, 30), provenance=PROVENANCE)
    with Image.open(save_image(picture, tmp_path / f"a{extension}", dpi=300)) as image:
        assert [round(float(dpi)) for dpi in image.info["dpi"]] == [300, 300]
    if extension != ".bmp":
        assert load_image(tmp_path / f"a{extension}").provenance == PROVENANCE


@pytest.mark.parametrize("extension", [".webp", ".avif"])
def test_a_format_without_a_place_for_that_is_told(extension: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"no place for dpi: use one of \.png, \.jpg, \.jpeg, \.tif, \.tiff, \.bmp\."):
        save_image(Picture(torch.rand(1, 3, 20, 30)), tmp_path / f"a{extension}", dpi=300)
    assert not list(tmp_path.iterdir())


def test_a_pillow_image_and_a_reduced_or_turned_one_keep_their_provenance(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION], exif[EXIF_SOFTWARE], exif[EXIF_DESCRIPTION] = 6, "pastiche", OUR_JSON
    data = encoded(Image.new("RGB", LARGE), "JPEG", exif=exif)
    assert loaded(tmp_path, data).provenance == PROVENANCE
    assert as_picture(Image.open(io.BytesIO(data))).provenance == PROVENANCE


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


STRANGE_TEXTS = {
    "no JSON": "made with love",
    "empty": "",
    "list": "[1, 2]",
    "number": "7",
    "huge number": '{"task": "stylize", "recipe": {"size": ' + "9" * 5000 + "}}",
    "null": "null",
    "string": '"task recipe"',
    "another object": '{"prompt": "a cat"}',
    "task alone": '{"task": "stylize"}',
    "recipe of another type": '{"task": "stylize", "recipe": 7}',
    "task of another type": '{"task": ["stylize"], "recipe": {}}',
    "deep": nested(100_000),
    "deep but short": nested(20_000),
    "deep inside": '{"task": "stylize", "recipe": {"size": ' + nested(800) + "}}",
    "deep objects": '{"task": "stylize", "recipe": ' + '{"x":' * 800 + "1" + "}" * 801,
    "huge": '{"task": "stylize", "recipe": {"size": [' + "0," * 400_000 + "0]}}",
}


@pytest.mark.parametrize("text", STRANGE_TEXTS.values(), ids=STRANGE_TEXTS)
def test_a_strangers_provenance_is_none(text: str, tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("pastiche", text)
    picture = loaded(tmp_path, encoded(flat("RGB", RED), "PNG", pnginfo=info))
    assert picture.provenance is None
    save_image(picture, tmp_path / "again.png")

    if len(text) < 60_000:
        exif = Image.Exif()
        exif[EXIF_SOFTWARE], exif[EXIF_DESCRIPTION] = "pastiche", text
        assert loaded(tmp_path, encoded(flat("RGB", RED), "WEBP", exif=exif)).provenance is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
@pytest.mark.parametrize(("software", "description"), [("GIMP 2.10", OUR_JSON), (None, OUR_JSON), ("pastiche", None)])
def test_metadata_of_other_programs_is_not_ours(
    kind: str, software: str | None, description: str | None, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif.update({EXIF_SOFTWARE: software} if software else {})
    exif.update({EXIF_DESCRIPTION: description} if description else {})
    assert loaded(tmp_path, encoded(flat("RGB", RED), kind, exif=exif)).provenance is None


@pytest.mark.parametrize("name", ["out.gif", "out.txt", "out", ".png", "", "out.png.part"])
def test_an_unknown_extension_is_told(name: str, content: Picture) -> None:
    for refused in (lambda: check_output(name), lambda: save_image(content, name)):
        with pytest.raises(OutputError, match=r"can be written: \.png, \.jpg"):
            refused()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none/out.png", "folder '.*none' does not exist"),
        ("file/out.png", "folder '.*file' does not exist"),
        ("folder.png", r"folder\.png' is a folder"),
        ("long" * 100 + ".png", "File name too long"),
    ],
)
def test_a_place_where_nothing_can_be_written_is_told_before_the_work(
    name: str, reason: str, content: Picture, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.png").mkdir()
    for refused in (check_output, lambda path: save_image(content, path)):
        with pytest.raises(OutputError, match=reason):
            refused(tmp_path / name)
    assert sorted(os.listdir(tmp_path)) == ["file", "folder.png"]


def test_an_unwritable_folder_is_told(content: Picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    with pytest.raises(OutputError, match="can't be written to"):
        save_image(content, tmp_path / "out.png")
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder in which not even root can make files")
def test_a_folder_that_only_turns_out_to_be_unwritable_is_told(content: Picture) -> None:
    with pytest.raises(OutputError, match=r"/proc"):
        save_image(content, "/proc/out.png")


def test_a_path_with_a_nul_is_told(content: Picture, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="can't be written"):
        save_image(content, f"{tmp_path}/nul\0.png")
    assert os.listdir(tmp_path) == []


def test_check_output_writes_nothing(tmp_path: Path) -> None:
    assert check_output(tmp_path / "out.JPG") == "JPEG"
    assert os.listdir(tmp_path) == []


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file may grow beyond this: the next byte raises OSError, as on a full disk."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def half_written(path: Path, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(bytes(data)[: len(data) // 2])
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("older", [None, b"an older picture"])
@pytest.mark.parametrize("extension", [".png", ".jpg", ".webp", ".avif", ".tiff", ".bmp"])
def test_a_file_appears_whole_or_not_at_all(extension: str, older: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / f"out{extension}"
    if older is not None:
        path.write_bytes(older)
    with largest_file(300), pytest.raises(OutputError, match=r"can't be written: File too large"):
        save_image(Image.fromarray(random_bytes(3)), path)
    assert os.listdir(tmp_path) == ([] if older is None else [path.name])
    assert older is None or path.read_bytes() == older


@pytest.mark.parametrize(
    ("place", "name", "instead", "raised"),
    [
        (Path, "write_bytes", half_written, OutputError),
        (os, "replace", raising(PermissionError(errno.EACCES, "Permission denied")), OutputError),
        (os, "replace", raising(KeyboardInterrupt()), KeyboardInterrupt),
        (Image.Image, "save", raising(MemoryError()), MemoryError),
    ],
    ids=["disk full", "older file held", "stopped", "no memory"],
)
def test_nothing_is_left_behind_when_writing_fails(
    place: Any,
    name: str,
    instead: Callable[..., Any],
    raised: type[BaseException],
    content: Picture,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "out.png"
    path.write_bytes(b"an older picture")
    with monkeypatch.context() as patch:
        patch.setattr(place, name, instead)
        with pytest.raises(raised):
            save_image(content, path)
    assert os.listdir(tmp_path) == ["out.png"]
    assert path.read_bytes() == b"an older picture"


@pytest.mark.parametrize(("extension", "width"), [(".webp", 16400), (".avif", 70000)])
def test_a_picture_too_large_for_its_format_is_told(extension: str, width: int, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="can't be written"):
        save_image(torch.zeros(3, 16, width), tmp_path / f"out{extension}")
    assert os.listdir(tmp_path) == []


def test_the_longest_file_name_can_be_written(content: Picture, tmp_path: Path) -> None:
    path = tmp_path / ("n" * 251 + ".png")
    assert load_image(save_image(content, path)).width == content.width
