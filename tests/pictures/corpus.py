"""More than 400 hostile or odd files, made with a fixed seed: what a public page is sent sooner or later.

    python -m tests.pictures.corpus FOLDER    writes them, to look into

`corpus` makes them; tests/pictures/test_corpus.py sends all of them through `load_image`, and some of each kind through
the command line and the page.
"""

from __future__ import annotations

import io
import struct
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image, PngImagePlugin
from pillow_heif import from_pillow

from tests.pictures.support import (
    DEEP,
    HEIGHT,
    LINEAR,
    OUR_JSON,
    SWAPPED,
    WIDTH,
    deep_png,
    encoded,
    gray_profile,
    png,
    random_bytes,
    smooth,
)
from tests.pictures.tiff_by_hand import big_tiff, classic_tiff, gray_tiff

Expected = Literal["picture", "refused", "either"]
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
    sound = dict(_sound())
    for name, data in sound.items():
        yield File("sound", name, data, "picture")
    several = dict(_several_frames())
    for name, data in several.items():
        yield File("frames", name, data, "picture")
    yield from _cut(sound | several)
    yield from _flipped(sound | several)
    yield from _wrong_extensions(sound)
    yield from _bombs()
    yield from _metadata()
    yield from _profiles()
    yield from _polyglots(sound)
    yield from _no_images()
    yield from _odd_tiffs()
    yield from _names(sound["rgb.png"])
    yield from _recipes()


def _sound() -> Iterator[tuple[str, bytes]]:
    """Every format in every mode and depth that it has."""
    rgb, rgba = Image.fromarray(smooth()), Image.fromarray(smooth(4))
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        image = Image.fromarray(DEEP) if mode == "I;16" else (rgba if "A" in mode else rgb).convert(mode)
        yield f"{mode.lower().replace(';', '')}.png", encoded(image, "PNG")
    for bits in (1, 2, 4):
        yield f"palette{bits}.png", encoded(rgb.quantize(2**bits), "PNG", bits=bits)
        row = b"\0" + bytes([0b11001001]) * (WIDTH * bits // 8)
        yield f"gray{bits}.png", png(WIDTH, HEIGHT, bits, 0, row * HEIGHT)
    yield "rgb16.png", deep_png(np.stack([DEEP] * 3, -1), 2)
    yield "la16.png", deep_png(np.stack([DEEP] * 2, -1), 4)
    yield "rgba16.png", deep_png(np.stack([DEEP] * 4, -1), 6)
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "LAB", "I", "F"):
        image = (rgba if mode in ("LA", "RGBA") else rgb).convert("L" if mode in "IF" else mode).convert(mode)
        yield f"{mode.lower()}.tiff", encoded(image, "TIFF", icc_profile=None)
    yield "i16.tiff", encoded(Image.fromarray(DEEP), "TIFF")
    yield "i16b.tiff", encoded(Image.fromarray(DEEP.astype(">u2")), "TIFF")
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "zstd", "lzma"):
        yield f"{compression}.tiff", encoded(rgb, "TIFF", compression=compression)
    for compression in ("group3", "group4"):
        yield f"{compression}.tiff", encoded(rgb.convert("1"), "TIFF", compression=compression)
    for mode in ("L", "RGB", "CMYK"):
        yield f"{mode.lower()}.jpg", encoded(rgb.convert(mode), "JPEG")
        yield f"{mode.lower()}-progressive.jpg", encoded(rgb.convert(mode), "JPEG", progressive=True)
    yield "restarts.jpg", encoded(rgb, "JPEG", restart_marker_blocks=1)
    for options in ({}, {"lossless": True}):
        yield f"rgb{len(options)}.webp", encoded(rgb, "WEBP", **options)
        yield f"rgba{len(options)}.webp", encoded(rgba, "WEBP", **options)
    for image in (rgb, rgba):
        yield f"{image.mode.lower()}.avif", encoded(image, "AVIF")
        yield f"{image.mode.lower()}.heic", heif(image)
    yield "l.heic", heif(rgb.convert("L"))
    yield "p.gif", encoded(rgb, "GIF")
    yield "l.gif", encoded(rgb.convert("L"), "GIF")
    for mode in ("1", "L", "P", "RGB", "RGBA"):
        yield f"{mode.lower()}.bmp", encoded((rgba if mode == "RGBA" else rgb).convert(mode), "BMP")
    yield "rle.bmp", rle_bmp(WIDTH, HEIGHT, bytes([WIDTH, 7, 0, 0]) * HEIGHT + b"\0\1")


def heif(image: Image.Image, *others: Image.Image, **options: Any) -> bytes:
    """A HEIF of one picture or several."""
    made = from_pillow(image)
    for other in others:
        made.add_from_pillow(other)
    file = io.BytesIO()
    made.save(file, **{"quality": 95, "chroma": 444} | options)
    return file.getvalue()


def rle_bmp(width: int, height: int, rows: bytes) -> bytes:
    """A BMP of 8 bits in run-length encoding."""
    palette = b"".join(bytes([255 - i, i, i // 2, 0]) for i in range(256))
    head = struct.pack("<IiiHHIIIIII", 40, width, height, 1, 8, 1, len(rows), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 1024 + len(rows), 0, 0, 54 + 1024) + head + palette + rows


def _several_frames() -> Iterator[tuple[str, bytes]]:
    frames = [Image.fromarray(np.roll(random_bytes(3), i, 0)) for i in range(3)]
    for kind, name in {
        "GIF": "gif",
        "PNG": "png",
        "WEBP": "webp",
        "TIFF": "tiff",
        "AVIF": "avif",
        "MPO": "mpo",
    }.items():
        yield f"several.{name}", encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    yield "several.heic", heif(*frames)


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


# Bombs: small files that ask for much memory or time


def _bombs() -> Iterator[File]:
    for side in (9_500, 16_000, 30_000, 65_000):
        for name, data in _promising(side):
            yield File("bomb", f"{side}-{name}", data, "refused")
    yield File("bomb", "deep.png", png(8000, 8000, 1, 0, bytes(1001 * 8000)), "picture")
    yield File("bomb", "tall.png", png(16, 500_000, 1, 0, bytes(3 * 500_000)), "picture")
    yield File("bomb", "one-row.png", png(2_000_000, 1, 1, 0, bytes(250_001)), "refused")
    head = bytes(17 * 16)
    for kind, start in {"iTXt": b"pastiche\0\1\0\0\0", "zTXt": b"pastiche\0\0", "iCCP": b"profile\0\0"}.items():
        data = png(16, 16, 8, 0, head, **{kind: start + zlib.compress(bytes(30_000_000), 9)})
        yield File("bomb", f"{kind}.png", data, "picture")
    yield File("bomb", "chunks.png", _with_chunks(300_000), "refused")
    yield File("bomb", "scans.jpg", progressive(WIDTH, HEIGHT, 400), "refused")
    yield File("bomb", "large-scans.jpg", progressive(9_000, 9_000, 90), "refused")
    jpeg = encoded(Image.fromarray(smooth()), "JPEG")
    yield File("bomb", "segments.jpg", jpeg[:2] + b"\xff\xe5\0\2" * 200_000 + jpeg[2:], "refused")
    yield File("bomb", "padding.jpg", jpeg[:2] + b"\xff" * 3_000_000 + jpeg[2:], "refused")
    yield File("bomb", "junk.jpg", jpeg[:3] + bytes(3_000_000) + jpeg[2:], "refused")
    yield File(
        "bomb", "many-exif.jpg", jpeg[:2] + _segment(0xE1, b"Exif\0\0" + bytes(60_000)) * 30 + jpeg[2:], "refused"
    )
    head, frame = gif_parts(encoded(Image.fromarray(smooth()), "GIF"))
    yield File("bomb", "blocks.gif", head + b"!\xf9\0" * 400_000 + frame, "refused")
    yield File("bomb", "comment.gif", head + b"!\xfe" + (b"\xff" + b"c" * 255) * 8_000 + b"\0" + frame, "refused")
    yield File("bomb", "rle.bmp", rle_bmp(9000, 9000, b"\1\7" * 5_000_000), "refused")
    for order in "<>":
        yield File("bomb", f"tags-{order == '<'}.tiff", overlapping_tags(order, 60_000, 400_000), "refused")
    strips = classic_tiff("<", {256: 16, 257: 200_000, 258: 8, 259: 1, 262: 1, 273: [8] * 200_000, 277: 1, 278: 1})
    yield File("bomb", "strips.tiff", strips, "refused")
    for kind in ("JPEG", "PNG", "WEBP", "AVIF", "HEIF"):
        yield File("bomb", f"exif.{kind.lower()}", _with_bomb_in_exif(kind), "either")


def _promising(side: int) -> Iterator[tuple[str, bytes]]:
    """Files of every format whose head promises a picture of so many pixels each way."""
    yield "side.png", png(side, side, 8, 2, b"")
    gif = encoded(Image.new("L", (WIDTH, HEIGHT)), "GIF")
    yield "side.gif", gif[:6] + struct.pack("<HH", side, side) + gif[10:]
    yield "side.bmp", b"BM" + struct.pack("<IIIIiiHHIIIIII", 54, 0, 54, 40, side, side, 1, 24, 0, 0, 0, 0, 0, 0)
    for order in "<>":
        tags: dict[int, Any] = {
            256: side,
            257: side,
            258: 8,
            259: 1,
            262: 1,
            273: 8,
            277: 1,
            278: side,
            279: side**2 % 2**32,
        }
        yield f"side-{order == '<'}.tiff", classic_tiff(order, tags)
        yield f"side-big-{order == '<'}.tiff", big_tiff(order, tags)
    if side > 16_000:
        jpeg = encoded(Image.new("RGB", (WIDTH, HEIGHT)), "JPEG")
        at = jpeg.index(b"\xff\xc0")
        yield "side.jpg", jpeg[: at + 5] + struct.pack(">HH", side, side) + jpeg[at + 9 :]
    if side < 16_384:
        vp8x = struct.pack("<IB3x", 10, 0) + (side - 1).to_bytes(3, "little") * 2
        frame = encoded(Image.new("RGB", (WIDTH, HEIGHT)), "WEBP")[12:]
        body = b"WEBPVP8X" + vp8x + frame
        yield "side.webp", b"RIFF" + struct.pack("<I", len(body)) + body
    sized = struct.pack(">4sII", b"ispe", 0, WIDTH) + struct.pack(">I", HEIGHT)
    large = struct.pack(">4sII", b"ispe", 0, side) + struct.pack(">I", side)
    yield "side.avif", encoded(Image.new("RGB", (WIDTH, HEIGHT)), "AVIF").replace(sized, large)
    padded = heif(Image.new("RGB", (64, 64)))
    yield "side.heic", padded.replace(struct.pack(">4sIII", b"ispe", 0, 64, 64), large)


def progressive(width: int, height: int, scans: int) -> bytes:
    """A gray JPEG of many scans: one of DC, and refinements that change nothing."""
    quantization = _segment(0xDB, b"\0" + b"\1" * 64)
    frame = _segment(0xC2, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0")
    code = bytes([0, 1, *[0] * 14])  # a single code of two bits, 00
    tables = _segment(0xC4, b"\0" + code + b"\0") + _segment(0xC4, b"\x10" + code + b"\xe0")
    blocks = -(-width // 8) * -(-height // 8)
    first = _segment(0xDA, b"\1\1\0\0\0\0") + bytes(-(-blocks * 2 // 8))
    runs = -(-blocks // (1 << 14))  # each an "end of band" run of 2^14 blocks, as 2 bits and 14 more
    again = _segment(0xDA, b"\1\1\0\1\x3f\x10") + bytes(2 * runs)
    return b"\xff\xd8" + quantization + frame + tables + first + again * (scans - 1) + b"\xff\xd9"


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _with_bomb_in_exif(kind: str) -> bytes:
    """Tags that all hold the same bytes, put in the place of sound ones."""
    bomb = overlapping_tags(">", 5_000, 60_000)
    sound = b"MM\0*" + struct.pack(">I", 8) + bytes(6) + b"x" * (len(bomb) - 14)
    image = Image.fromarray(smooth())
    if kind == "HEIF":
        return heif(image, exif=b"Exif\0\0" + sound).replace(sound, bomb)
    return encoded(image, kind, exif=b"Exif\0\0" + sound).replace(sound, bomb)


def _with_chunks(count: int) -> bytes:
    data = png(16, 16, 8, 0, bytes(17 * 16))
    empty = struct.pack(">I4sI", 0, b"teSt", zlib.crc32(b"teSt"))
    return data[:33] + empty * count + data[33:]


def gif_parts(data: bytes) -> tuple[bytes, bytes]:
    """A GIF's head with its palette, and all that follows."""
    behind = 13 + 3 * 2 ** (1 + (data[10] & 7))
    return data[:behind], data[behind:]


def overlapping_tags(order: str, tags: int, length: int) -> bytes:
    """A TIFF of so many tags that all hold the same bytes."""
    entries = b"".join(struct.pack(order + "HHII", 400 + i, 7, length, 8) for i in range(tags))
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    body = struct.pack(order + "H", tags) + entries + bytes(4)
    return head + body + bytes(max(0, length - len(body)))


# Metadata, profiles, polyglots, and what is no image


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
    comments = _segment(0xFE, b"c" * 60_000) * 100
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
