"""Tensors in a file that holds nothing but numbers and text, so that it can be read whoever made it.

The format is that of safetensors, and its library reads what is written here.  That library makes a copy of all tensors
before it writes the first, and maps a file into memory, where a reader dies if somebody cuts it short; here they pass
one by one in blocks.  The last tensor is a checksum of all that is before it.
"""

from __future__ import annotations

import json
import math
import os
import zlib
from collections.abc import Iterator, Mapping
from io import BufferedIOBase
from typing import Any, NoReturn

import torch
from torch import Tensor

CHECKSUM = "checksum"
"""Name of the last tensor: the CRC-32 of the header and of the other tensors."""

CHECKSUM_BYTES = 8

MOST_HEADER = 1 << 20
"""Bytes: more than any header that is written here."""

BLOCK = 1 << 24
"""Bytes of a tensor that are copied from its device at once."""

_DTYPES = {"F32": torch.float32, "F64": torch.float64, "BF16": torch.bfloat16, "I64": torch.int64}

_METADATA = "__metadata__"


class ForeignFileError(ValueError):
    """A file that does not begin as one of these."""


class DamagedFileError(ValueError):
    """A file that begins as one of these and does not go on so; says why in a few words."""


def write_tensors(file: BufferedIOBase, metadata: Mapping[str, str], tensors: Mapping[str, Tensor]) -> None:
    """Write tensors of any device, of floats, and text.  Takes a block of memory.  Raises OSError."""
    codes = {dtype: code for code, dtype in _DTYPES.items()}
    whole = {**tensors, CHECKSUM: torch.zeros((), dtype=torch.int64)}
    layout: dict[str, Any] = {_METADATA: dict(metadata)}
    begin = 0
    for name, tensor in whole.items():
        end = begin + tensor.numel() * tensor.itemsize
        layout[name] = {"dtype": codes[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [begin, end]}
        begin = end
    header = json.dumps(layout).encode()
    header += b" " * (-len(header) % 8)
    file.write(len(header).to_bytes(8, "little") + header)
    checksum = zlib.crc32(header)
    for tensor in tensors.values():
        flat, length = tensor.detach().reshape(-1), BLOCK // tensor.itemsize
        for start in range(0, len(flat), length):
            data = _bytes_of(flat[start : start + length].cpu())
            file.write(data)
            checksum = zlib.crc32(data, checksum)
    file.write(checksum.to_bytes(CHECKSUM_BYTES, "little"))


class TensorFile:
    """A file of tensors that is whole, opened to be read.

    file: at its beginning.  metadata: its text.  size: bytes that its tensors take.  At first the file is read through
    in blocks, for its checksum.  Raises ForeignFileError, DamagedFileError and OSError.
    """

    def __init__(self, file: BufferedIOBase) -> None:
        self._file = file
        header = _header(file)
        self.metadata, self._entries = _layout(header)
        if not self._entries or self._entries.pop() != (CHECKSUM, torch.int64, ()):
            raise DamagedFileError("it has no checksum")
        self.size = sum(math.prod(shape) * dtype.itemsize for _, dtype, shape in self._entries)
        self._begin = file.tell()
        if file.seek(0, os.SEEK_END) != self._begin + self.size + CHECKSUM_BYTES:
            raise DamagedFileError("it is shorter or longer than it says")
        self._check(zlib.crc32(header))

    def tensors(self) -> dict[str, Tensor]:
        """All of them, on the CPU.  Raises DamagedFileError where the file was cut short meanwhile, and OSError."""
        self._file.seek(self._begin)
        tensors = {}
        for name, dtype, shape in self._entries:
            tensors[name] = torch.empty(shape, dtype=dtype)
            _fill(self._file, _bytes_of(tensors[name]))
        return tensors

    def _check(self, checksum: int) -> None:
        self._file.seek(self._begin)
        left = self.size
        while left:
            data = self._file.read(min(BLOCK, left))
            if not data:
                raise DamagedFileError("it is cut short")
            left -= len(data)
            checksum = zlib.crc32(data, checksum)
        if self._file.read() != checksum.to_bytes(CHECKSUM_BYTES, "little"):
            raise DamagedFileError("its checksum is another")


def _header(file: BufferedIOBase) -> bytes:
    length = int.from_bytes(file.read(8), "little")
    if not 2 <= length <= MOST_HEADER:
        raise ForeignFileError
    header = file.read(length)
    if len(header) < length:
        raise ForeignFileError
    return header


def _layout(header: bytes) -> tuple[dict[str, str], list[tuple[str, torch.dtype, tuple[int, ...]]]]:
    """The text, and name, kind and shape of each tensor, which follow one another without a gap."""
    try:
        layout = json.loads(header, parse_constant=_refuse)
        metadata = layout.pop(_METADATA, {})
        if not all(isinstance(text, str) for text in metadata.values()):
            raise ValueError
        return metadata, list(_entries(layout))
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        raise ForeignFileError from None


def _entries(layout: Mapping[str, Any]) -> Iterator[tuple[str, torch.dtype, tuple[int, ...]]]:
    position = 0
    for name, entry in layout.items():
        dtype, shape = _DTYPES[entry["dtype"]], tuple(entry["shape"])
        if len(shape) > 4 or not all(type(side) is int and 0 <= side < 1 << 40 for side in shape):
            raise ValueError
        end = position + math.prod(shape) * dtype.itemsize
        if entry["data_offsets"] != [position, end]:
            raise ValueError
        yield name, dtype, shape
        position = end


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _bytes_of(tensor: Tensor) -> memoryview:
    """The memory of a contiguous tensor on the CPU."""
    return tensor.reshape(-1).view(torch.uint8).numpy().data


def _fill(file: BufferedIOBase, data: memoryview) -> None:
    """Read into memory until it is full."""
    filled = 0
    while filled < len(data):
        if not (came := file.readinto(data[filled:])):
            raise DamagedFileError("it is cut short")
        filled += came
