"""What a file is, is settled by its first bytes; what is no file is not read."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest
from PIL import Image

from nst.pictures.limits import READABLE
from nst.pictures.opening import HEAD, format_of
from tests.pictures.sound_files import heif
from tests.pictures.support import complaint, encoded, smooth


@pytest.mark.parametrize("kind", READABLE)
def test_each_format_is_known_by_its_head(kind: str) -> None:
    image = Image.fromarray(smooth())
    data = heif(image) if kind == "HEIF" else encoded(image, kind)
    assert format_of(data[:HEAD]) == kind


@pytest.mark.parametrize("head", [b"", b"\xff\xd8", b"RIFF1234WAVE", b"\0\0\0\x18ftypisom", b"BA", b"%PDF", b"<svg"])
def test_no_other_is(head: bytes) -> None:
    assert format_of(head) is None


def test_brands_behind_the_first_are_heeded() -> None:
    assert format_of(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf") == "AVIF"
    assert format_of(b"\0\0\0\x1cftypmif1\0\0\0\0mif1heicmiaf") == "HEIF"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_told_at_once(tmp_path: Path) -> None:
    os.mkfifo(path := tmp_path / "picture.png")
    done = threading.Event()

    def read() -> None:
        complaint(path, match=r"picture\.png' is a pipe or a device: name an image file\.")
        done.set()

    threading.Thread(target=read, daemon=True).start()
    assert done.wait(60)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no such device")
def test_a_device_is_told() -> None:
    complaint("/dev/zero", match="is a pipe or a device")


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this system has no such sockets")
def test_a_socket_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("s.png")
        complaint("s.png", match=r"s\.png' (can't be read|is a pipe)")


@pytest.mark.parametrize("address", ["https://example.com/a b.jpg", "http://x/y.png", "file:///etc/x.png", "FTP://x/y"])
def test_an_address_is_told_as_it_was_given(address: str) -> None:
    for given in (address, Path(address)):  # a path has one slash left
        complaint(given, match="is an address, and an image is read from a file: download it")
    if address.startswith("http"):
        complaint(Path(address), match=f"^'{address}' is an address")


def test_a_file_whose_name_looks_like_an_address_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "http:").mkdir()
    (tmp_path / "http:" / "a.png").write_bytes(b"no image")
    complaint("http://a.png", match=r"^a\.png is not an image")
