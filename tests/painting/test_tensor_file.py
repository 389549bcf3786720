"""Tensors in a file: what is written is read, safetensors' own library reads it too, and all else is refused."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import Tensor

from nst.painting import tensor_file
from nst.painting.tensor_file import CHECKSUM, DamagedFileError, ForeignFileError, TensorFile, write_tensors

TENSORS = {
    "image": torch.arange(24.0).view(1, 3, 2, 4),
    "matrix": torch.eye(3, dtype=torch.float64),
    "none": torch.zeros(0, 7),
    "number": torch.tensor(1.5, dtype=torch.float64),
}


def written(tensors: Mapping[str, Tensor] = TENSORS) -> bytes:
    file = io.BytesIO()
    write_tensors(file, {"about": "Größe 海"}, tensors)
    return file.getvalue()


def test_what_was_written_is_read() -> None:
    file = TensorFile(io.BytesIO(written()))
    read = file.tensors()
    assert file.metadata == {"about": "Größe 海"}
    assert file.size == 24 * 4 + 9 * 8 + 8
    assert list(read) == list(TENSORS)
    assert all(torch.equal(read[name], tensor) and read[name].dtype == tensor.dtype for name, tensor in TENSORS.items())


def test_it_is_a_file_of_safetensors() -> None:
    read = safetensors.torch.load(written())
    assert set(read) == {*TENSORS, CHECKSUM}
    assert all(torch.equal(read[name], tensor) for name, tensor in TENSORS.items())


def test_a_large_tensor_passes_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = written()
    monkeypatch.setattr(tensor_file, "BLOCK", 16)
    assert written() == whole
    assert torch.equal(TensorFile(io.BytesIO(whole)).tensors()["image"], TENSORS["image"])


def test_every_file_that_is_cut_short_is_refused() -> None:
    data = written()
    for length in range(len(data)):
        with pytest.raises((ForeignFileError, DamagedFileError)):
            TensorFile(io.BytesIO(data[:length]))
    with pytest.raises(DamagedFileError, match="shorter or longer"):
        TensorFile(io.BytesIO(data + b"\0"))


def test_every_changed_byte_is_noticed() -> None:
    data = written()
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises((ForeignFileError, DamagedFileError)):
            TensorFile(io.BytesIO(changed))


def test_a_file_that_is_cut_short_while_it_is_read_is_refused() -> None:
    data = io.BytesIO(written())
    file = TensorFile(data)
    data.truncate(len(data.getvalue()) - 100)
    with pytest.raises(DamagedFileError, match="cut short"):
        file.tensors()


def with_header(header: bytes, data: bytes = b"") -> io.BytesIO:
    return io.BytesIO(len(header).to_bytes(8, "little") + header + data)


def entry(**changes: Any) -> dict[str, Any]:
    return {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changes}


@pytest.mark.parametrize(
    "layout",
    [
        b"",
        b"[]",
        b"1e400",
        b"{}",
        b"\xff" * 20,
        b"[" * 100_000,
        b"1" * 10_000,
        b'{"a": NaN}',
        json.dumps({"__metadata__": {"about": 1}}).encode(),
        json.dumps({"__metadata__": ["about"]}).encode(),
        *(
            json.dumps({"a": damaged}).encode()
            for damaged in (
                entry(dtype="BF16"),
                entry(dtype=["F32"]),
                entry(shape=[3]),
                entry(shape=[-2]),
                entry(shape=[2.0]),
                entry(shape=[True, 2]),
                entry(shape=[1 << 62]),
                entry(shape=[1] * 5 + [2]),
                entry(shape="2"),
                entry(data_offsets=[8, 16]),
                entry(data_offsets=[0]),
                {"dtype": "F32"},
                None,
            )
        ),
    ],
)
def test_a_header_that_is_not_one_is_refused(layout: bytes) -> None:
    with pytest.raises((ForeignFileError, DamagedFileError)):
        TensorFile(with_header(layout, bytes(16)))


def test_a_header_that_promises_more_than_there_is_takes_no_memory() -> None:
    promise = {"a": entry(shape=[1 << 39], data_offsets=[0, 1 << 41])}
    promise[CHECKSUM] = {"dtype": "I64", "shape": [], "data_offsets": [1 << 41, (1 << 41) + 8]}
    with pytest.raises(DamagedFileError, match="shorter or longer"):
        TensorFile(with_header(json.dumps(promise).encode(), bytes(100)))
    with pytest.raises(ForeignFileError):
        TensorFile(io.BytesIO(((1 << 63) - 1).to_bytes(8, "little") + bytes(100)))


def test_tensors_of_another_program_have_no_checksum() -> None:
    with pytest.raises(DamagedFileError, match="no checksum"):
        TensorFile(io.BytesIO(safetensors.torch.save({"a": torch.zeros(2)})))
