"""TIFF files by hand (TIFF 6.0; BigTIFF), of kinds that Pillow does not write."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

_SHORT, _LONG, _LONG8 = 3, 4, 16
_SHORTS = (258, 259, 262, 277, 317, 339)


def classic_tiff(order: str, tags: Mapping[int, Any], data: bytes = b"") -> bytes:
    """order: "<" or ">".  tags: number -> value or values.  data: stand at offset 8, before the directory."""
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8 + len(data))
    return head + data + _directory(order, tags, 8 + len(data), big=False)


def big_tiff(order: str, tags: Mapping[int, Any], data: bytes = b"") -> bytes:
    """The same as a BigTIFF; data stand at offset 16, and strip offsets are of LONG8."""
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HHHQ", 43, 8, 0, 16 + len(data))
    return head + data + _directory(order, tags, 16 + len(data), big=True)


def _directory(order: str, tags: Mapping[int, Any], start: int, big: bool) -> bytes:
    count, entry, offset, inline = ("Q", "HHQ", "Q", 8) if big else ("H", "HHI", "I", 4)
    size = struct.calcsize(order + count) + len(tags) * struct.calcsize(order + entry + offset) + inline
    entries, behind = b"", b""
    for tag, value in sorted(tags.items()):
        values = value if isinstance(value, list) else [value]
        kind = _SHORT if tag in _SHORTS else _LONG8 if big and tag in (273, 279) else _LONG
        packed = struct.pack(f"{order}{len(values)}{ {_SHORT: 'H', _LONG: 'I', _LONG8: 'Q'}[kind] }", *values)
        entries += struct.pack(order + entry, tag, kind, len(values))
        if len(packed) > inline:
            entries += struct.pack(order + offset, start + size + len(behind))
            behind += packed
        else:
            entries += packed.ljust(inline, b"\0")
    return struct.pack(order + count, len(tags)) + entries + bytes(inline) + behind


def gray_tiff(
    order: str, values: np.ndarray, photometric: int, *, big: bool = False, sample_format: int | None = None
) -> bytes:
    """Gray numbers of any type; photometric: 0 where 0 is white, 1 where it is black."""
    height, width = values.shape
    data = values.astype(f"{order}{values.dtype.kind}{values.itemsize}").tobytes()
    tags: dict[int, Any] = {256: width, 257: height, 258: 8 * values.itemsize, 259: 1, 262: photometric}
    tags |= {273: 16 if big else 8, 277: 1, 278: height, 279: len(data)}
    if sample_format is not None:
        tags[339] = sample_format
    return (big_tiff if big else classic_tiff)(order, tags, data)
