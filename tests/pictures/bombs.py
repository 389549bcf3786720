"""Bombs: small files that ask for much memory or time, made byte by byte."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any

from PIL import Image

from tests.pictures.sound_files import heif, rle_bmp
from tests.pictures.support import HEIGHT, WIDTH, Expected, encoded, png, smooth
from tests.pictures.tiff_by_hand import big_tiff, classic_tiff

Bomb = tuple[str, bytes, Expected]
"""The name, the bytes, and what reading them is to give."""


def bombs() -> Iterator[Bomb]:
    """All of them."""
    for side in (9_500, 16_000, 30_000, 65_000):
        for name, data in _promising(side):
            yield f"{side}-{name}", data, "refused"
    yield "deep.png", png(8000, 8000, 1, 0, bytes(1001 * 8000)), "picture"
    yield "tall.png", png(16, 500_000, 1, 0, bytes(3 * 500_000)), "picture"
    yield "one-row.png", png(2_000_000, 1, 1, 0, bytes(250_001)), "refused"
    head = bytes(17 * 16)
    for kind, start in {"iTXt": b"pastiche\0\1\0\0\0", "zTXt": b"pastiche\0\0", "iCCP": b"profile\0\0"}.items():
        data = png(16, 16, 8, 0, head, **{kind: start + zlib.compress(bytes(30_000_000), 9)})
        yield f"{kind}.png", data, "picture"
    yield "chunks.png", _with_chunks(300_000), "refused"
    yield "scans.jpg", progressive(WIDTH, HEIGHT, 400), "refused"
    yield "large-scans.jpg", progressive(9_000, 9_000, 90), "refused"
    jpeg = encoded(Image.fromarray(smooth()), "JPEG")
    yield "segments.jpg", jpeg[:2] + b"\xff\xe5\0\2" * 200_000 + jpeg[2:], "refused"
    yield "padding.jpg", jpeg[:2] + b"\xff" * 3_000_000 + jpeg[2:], "refused"
    yield "junk.jpg", jpeg[:3] + bytes(3_000_000) + jpeg[2:], "refused"
    yield "many-exif.jpg", jpeg[:2] + segment(0xE1, b"Exif\0\0" + bytes(60_000)) * 30 + jpeg[2:], "refused"
    head, frame = gif_parts(encoded(Image.fromarray(smooth()), "GIF"))
    yield "blocks.gif", head + b"!\xf9\0" * 400_000 + frame, "refused"
    yield "comment.gif", head + b"!\xfe" + (b"\xff" + b"c" * 255) * 8_000 + b"\0" + frame, "refused"
    yield "rle.bmp", rle_bmp(9000, 9000, b"\1\7" * 5_000_000), "refused"
    for order in "<>":
        yield f"tags-{order == '<'}.tiff", overlapping_tags(order, 60_000, 400_000), "refused"
    strips = classic_tiff("<", {256: 16, 257: 200_000, 258: 8, 259: 1, 262: 1, 273: [8] * 200_000, 277: 1, 278: 1})
    yield "strips.tiff", strips, "refused"
    for kind in ("JPEG", "PNG", "WEBP", "AVIF", "HEIF"):
        yield f"exif.{kind.lower()}", _with_bomb_in_exif(kind), "either"


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
    quantization = segment(0xDB, b"\0" + b"\1" * 64)
    frame = segment(0xC2, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0")
    code = bytes([0, 1, *[0] * 14])  # a single code of two bits, 00
    tables = segment(0xC4, b"\0" + code + b"\0") + segment(0xC4, b"\x10" + code + b"\xe0")
    blocks = -(-width // 8) * -(-height // 8)
    first = segment(0xDA, b"\1\1\0\0\0\0") + bytes(-(-blocks * 2 // 8))
    runs = -(-blocks // (1 << 14))  # each an "end of band" run of 2^14 blocks, as 2 bits and 14 more
    again = segment(0xDA, b"\1\1\0\1\x3f\x10") + bytes(2 * runs)
    return b"\xff\xd8" + quantization + frame + tables + first + again * (scans - 1) + b"\xff\xd9"


def segment(marker: int, data: bytes) -> bytes:
    """Of a JPEG: its marker's second byte, and what is in it."""
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
