"""More than 400 hostile or odd files, made with a fixed seed: what a public page is sent sooner or later.

    python -m tests.pictures.corpus FOLDER    writes them, to look into

`corpus` makes them; tests/pictures/test_corpus.py sends all of them through `load_image`, and some of each kind through
the command line and the page; tests/ui/test_served_corpus.py sends some of each through the running app.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin

from tests.pictures.bombs import bombs, segment
from tests.pictures.sound_files import files_of_several_frames, sound_files
from tests.pictures.support import (
    DEEP,
    HEIGHT,
    LINEAR,
    OUR_JSON,
    SWAPPED,
    WIDTH,
    Expected,
    encoded,
    gray_profile,
    smooth,
)
from tests.pictures.tiff_by_hand import gray_tiff

SEED = 15
SHARES = (0.0, 0.002, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97)
FLIPS = 12


@dataclass(frozen=True)
class File:
    """kind: of trouble.  name: of the file, which may be trouble itself.  expected: what reading it is to give."""

    kind: str
    name: str
    data: bytes
    expected: Expected


def corpus() -> Iterator[File]:
    """All of them; no two have the same name."""
    seen: set[str] = set()
    for number, file in enumerate(_all()):
        name = file.name if file.kind == "name" else f"{number:03}-{file.kind}-{file.name}"
        assert name not in seen
        seen.add(name)
        yield File(file.kind, name, file.data, file.expected)


def _all() -> Iterator[File]:
    sound = dict(sound_files())
    for name, data in sound.items():
        yield File("sound", name, data, "picture")
    several = dict(files_of_several_frames())
    for name, data in several.items():
        yield File("frames", name, data, "picture")
    yield from _cut(sound | several)
    yield from _flipped(sound | several)
    yield from _wrong_extensions(sound)
    for name, data, expected in bombs():
        yield File("bomb", name, data, expected)
    yield from _metadata()
    yield from _profiles()
    yield from _polyglots(sound)
    yield from _no_images()
    yield from _odd_tiffs()
    yield from _names(sound["rgb.png"])
    yield from _recipes()


def _cut(sound: dict[str, bytes]) -> Iterator[File]:
    for name in (
        "rgb.png", "rgb.tiff", "tiff_lzw.tiff", "rgb.jpg", "rgb-progressive.jpg", "rgb0.webp", "rgb1.webp", "rgb.avif",
        "rgb.heic", "p.gif", "rgb.bmp", "several.gif", "several.mpo", "several.heic",
    ):  # fmt: skip
        data = sound[name]
        for share in SHARES:
            whole_first = share > (0.2 if name.startswith("several") else 0.8 if name.endswith("png") else 1)
            yield File("cut", f"{share}-{name}", data[: int(share * len(data))], "either" if whole_first else "refused")


def _flipped(sound: dict[str, bytes]) -> Iterator[File]:
    rng = np.random.default_rng(SEED)
    for name in (
        "rgb.png", "p.png", "rgb.tiff", "tiff_lzw.tiff", "rgb.jpg", "rgb-progressive.jpg", "rgb0.webp", "rgb1.webp",
        "rgb.avif", "rgb.heic", "p.gif", "rgb.bmp", "rle.bmp", "several.mpo",
    ):  # fmt: skip
        data = np.frombuffer(sound[name], np.uint8)
        for i in range(FLIPS):
            flipped = data.copy()
            places = rng.integers(0, min(len(data), 400 if i % 2 else len(data)), 1 + i % 4)
            flipped[places] ^= (1 << rng.integers(0, 8, len(places))).astype(np.uint8)
            yield File("flip", f"{i}-{name}", flipped.tobytes(), "either")


def _wrong_extensions(sound: dict[str, bytes]) -> Iterator[File]:
    for name in ("rgb.png", "rgb.tiff", "rgb.jpg", "rgb0.webp", "rgb.avif", "rgb.heic", "p.gif", "rgb.bmp"):
        for extension in ("jpg", "svg", "exe", ""):
            yield File("extension", f"{name.replace('.', '-')}.{extension}", sound[name], "picture")


def _metadata() -> Iterator[File]:
    image = Image.fromarray(smooth())
    exif = Image.Exif()
    exif[0x010E] = "d" * 50_000
    for kind in ("JPEG", "PNG", "WEBP", "AVIF", "TIFF"):
        yield File("metadata", f"long.{kind.lower()}", encoded(image, kind, exif=exif), "picture")
    xmp = b"<x:xmpmeta>" + b"x" * 60_000 + b"</x:xmpmeta>"
    for kind in ("JPEG", "WEBP", "AVIF"):
        yield File("metadata", f"xmp.{kind.lower()}", encoded(image, kind, xmp=xmp), "picture")
    for block in (b"Exif\0\0garbage!", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"Exif\0\0II*\0\xff\xff\xff\xff"):
        for kind in ("JPEG", "PNG", "WEBP"):
            name = f"exif{len(block)}{block[-1]}.{kind.lower()}"
            yield File("metadata", name, encoded(image, kind, exif=block), "picture")
    jpeg = encoded(image, "JPEG")
    comments = segment(0xFE, b"c" * 60_000) * 100
    yield File("metadata", "comments.jpg", jpeg[:2] + comments + jpeg[2:], "picture")
    info = PngImagePlugin.PngInfo()
    for i in range(500):
        info.add_text(f"key{i}", "v" * 1000)
    yield File("metadata", "texts.png", encoded(image, "PNG", pnginfo=info), "picture")
    large = PngImagePlugin.PngInfo()
    large.add_text("large", "v" * 2_000_000)
    large.add_text("zipped", "v" * 2_000_000, zip=True)
    yield File("metadata", "large.png", encoded(image, "PNG", pnginfo=large), "picture")


def _profiles() -> Iterator[File]:
    image, noise = Image.fromarray(smooth()), np.random.default_rng(SEED).bytes(3000)
    nonsense = {
        "noise": noise,
        "short": SWAPPED[:130],
        "gray": gray_profile(2.2),
        "endless": SWAPPED[:128] + struct.pack(">I", 2**32 - 1) + SWAPPED[132:],
        "outside": SWAPPED[:132] + b"\xff" * 60 + SWAPPED[192:],
        "large": LINEAR + bytes(2_000_000),
        "text": b"profile",
    }
    for name, profile in nonsense.items():
        for kind in ("PNG", "JPEG", "WEBP", "TIFF"):
            data = encoded(image, kind, icc_profile=profile)
            yield File("profile", f"{name}.{kind.lower()}", data, "picture")


def _polyglots(sound: dict[str, bytes]) -> Iterator[File]:
    tails = {
        "zip": b"PK\3\4" + bytes(100) + b"PK\5\6" + bytes(18),
        "html": b"<html><script>alert(1)</script></html>",
        "pdf": b"%PDF-1.7\n%%EOF",
        "php": b"<?php system($_GET['c']); ?>",
    }
    for tail, after in tails.items():
        for name in ("rgb.jpg", "rgb.png", "p.gif", "rgb.bmp"):
            yield File("polyglot", f"{tail}-behind-{name}", sound[name] + after, "picture")
            yield File("polyglot", f"{tail}-before-{name}", after + sound[name], "refused")
    script = b"GIF89a/*" + bytes(5) + sound["p.gif"][13:] + b"*/=1;alert(1)"
    yield File("polyglot", "script.gif", script, "either")


def _no_images() -> Iterator[File]:
    rgb = Image.fromarray(smooth())
    texts = {
        "empty.png": b"",
        "zero.jpg": b"\0",
        "text.jpg": b"just text\n" * 50,
        "page.html": b"<!doctype html><title>x</title>",
        "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
        "entity.svg": b"<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><svg>&a;</svg>",
        "paper.pdf": b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF",
        "script.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n(%pipe%touch /tmp/x) (w) file\nshowpage",
        "archive.zip": b"PK\3\4" + bytes(100),
        "program.exe": b"MZ" + bytes(200),
        "program.so": b"\x7fELF" + bytes(200),
        "photo.psd": b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 20, 24, 8, 3) + bytes(20),
        "photo.jxl": b"\xff\x0a" + bytes(50),
        "photo.jp2": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(50),
        "movie.mp4": b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(50),
        "picture.wmf": b"\xd7\xcd\xc6\x9a" + bytes(50),
        "picture.xbm": b"#define x_width 24\n#define x_height 20\nstatic char x_bits[] = {0};",
        "raw.dng.jpg": b"II*\0\x08\0\0\0\0\0\0\0\0\0",
    }
    for name, data in texts.items():
        yield File("no image", name, data, "refused")
    for kind in ("PPM", "PCX", "TGA", "SGI", "ICO", "DIB", "IM", "JPEG2000", "QOI"):
        yield File("no image", f"other-{kind.lower()}.png", encoded(rgb, kind), "refused")


def _odd_tiffs() -> Iterator[File]:
    floats = np.linspace(0, 1, WIDTH * HEIGHT, dtype=np.float32).reshape(HEIGHT, WIDTH)
    for name, value in {"nan": np.nan, "inf": np.inf, "minus-inf": -np.inf}.items():
        bad = floats.copy()
        bad[3, 4] = value
        yield File("tiff", f"{name}.tiff", encoded(Image.fromarray(bad), "TIFF"), "refused")
    for value in (1e38, -1e38, 1e-38):
        yield File("tiff", f"{value}.tiff", encoded(Image.fromarray(floats * np.float32(value)), "TIFF"), "picture")
    for order in "<>":
        for photometric in (0, 1):
            for dtype in ("u2", "u4"):
                name = f"{photometric}-{dtype}-{order == '<'}.tiff"
                values = np.linspace(0, np.iinfo(dtype).max, WIDTH * HEIGHT).reshape(HEIGHT, WIDTH).astype(dtype)
                yield File("tiff", name, gray_tiff(order, values, photometric), "picture")
                yield File("tiff", f"big-{name}", gray_tiff(order, values, photometric, big=True), "picture")
    endless = bytearray(gray_tiff("<", DEEP, 1))
    endless[-4:] = struct.pack("<I", 8)  # the next directory is this one
    yield File("tiff", "endless.tiff", bytes(endless), "picture")


def _names(data: bytes) -> Iterator[File]:
    for name in (
        "..%2f..%2fetc%2fpasswd.png", "....png", "~root.png", "C:\\autoexec.png", "\\\\server\\share.png", "-o.png",
        "--help.png", "$(touch owned).png", "`id`.png", "a;rm -rf x.png", "a|b.png", "*.png", "%s%n.png", "{name}.png",
        "line\nbreak.png", "carriage\rreturn.png", "\x1b[31mred\x1b[0m.png", "\x07bell.png", "\u202egnp.exe",
        "\u200b.png",
        "\u2028.png", "é\u0301.png", "🎨.png", " .png", "a" * 240 + ".png", "<img src=x onerror=alert(1)>.png",
        "CON.png", "nul.png", "http:example.com.png", "\udcff.png",
    ):  # fmt: skip
        yield File("name", name, data, "picture")
    yield File("name", "bad\n\x1b]0;owned\x07\u202e.png", b"no image", "refused")


def _recipes() -> Iterator[File]:
    texts = {
        "sound": OUR_JSON,
        "self": '{"task": "stylize", "recipe": {"self": 1}}',
        "infinity": '{"task": "stylize", "recipe": {"size": Infinity}}',
        "digits": '{"task": "stylize", "recipe": {"size": ' + "9" * 5000 + "}}",
        "deep": '{"task": "stylize", "recipe": {"size": ' + "[" * 150 + "]" * 150 + "}}",
        "no dictionary": "[1, 2, 3]",
        "path": '{"task": "stylize", "recipe": {}, "inputs": {"content": {"name": "/etc/passwd", "digest": "0"}}}',
    }
    for name, text in texts.items():
        info = PngImagePlugin.PngInfo()
        info.add_text("gramarye", text)
        yield File("recipe", f"{name}.png", encoded(Image.fromarray(smooth()), "PNG", pnginfo=info), "picture")


def main(folder: Path) -> None:
    """Write all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in corpus():
        (folder / file.name).write_bytes(file.data)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
