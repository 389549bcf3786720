"""What can't be read is told in words."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from nst.errors import ImageError
from nst.pictures import reading as image_module
from tests.pictures.support import HEIGHT, LOSSLESS, RED, WIDTH, complaint, encoded, flat, loaded, random_bytes


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    complaint(tmp_path / "none.png", match=r"no file '.*none\.png'")


def test_a_folder_is_told(tmp_path: Path) -> None:
    complaint(tmp_path, match="is a folder")


def test_an_unreadable_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*args: Any, **options: Any) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(image_module, "open", denied, raising=False)
    complaint(tmp_path / "secret.png", match=r"secret\.png' can't be read: Permission denied\.")


@pytest.mark.parametrize("path", ["nul\0.png", "long" * 100 + ".png", "surrogate\ud800.png", ""])
def test_a_path_that_can_not_be_is_told(path: str) -> None:
    complaint(path, match="can't be read|no file")


@pytest.mark.parametrize(
    "data", [b"", b"\0", b"just text\n" * 50, b"\xff\xd8\xff\xe0", b"<svg xmlns='http://www.w3.org/2000/svg'/>"]
)
def test_what_is_no_image_is_told(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(data)
    complaint(tmp_path / "photo.jpg", match=r"photo\.jpg .* use one of JPEG, PNG, WEBP, AVIF, HEIF, TIFF, BMP, GIF\.")


def test_a_format_that_is_not_promised_is_told(tmp_path: Path) -> None:
    flat("RGB", RED).save(tmp_path / "photo.ppm")
    complaint(tmp_path / "photo.ppm", match="use one of")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("AVIF", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("BMP", {}),
        ("GIF", {}),
    ],
)
def test_a_file_cut_short_is_told_wherever_it_is_cut(kind: str, options: dict[str, Any], tmp_path: Path) -> None:
    data = encoded(Image.fromarray(random_bytes(3)), kind, **options)
    path = tmp_path / "cut.jpg"
    for share in (0.002, 0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97):
        path.write_bytes(data[: int(share * len(data))])
        complaint(path, match=r"^cut\.jpg is .*damaged.*: use ")


@pytest.mark.filterwarnings("ignore")
def test_damaged_bytes_give_a_picture_or_an_image_error(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    refused = 0
    for kind in ("JPEG", "PNG", "WEBP", "BMP", "GIF"):
        data = np.frombuffer(encoded(Image.fromarray(random_bytes(3)), kind, **LOSSLESS.get(kind, {})), np.uint8)
        for _ in range(40):
            damaged = data.copy()
            damaged[rng.integers(0, min(len(data), 300), 4)] = rng.integers(0, 256, 4)
            try:
                picture = loaded(tmp_path, damaged.tobytes())
            except ImageError:
                refused += 1
            else:
                assert ((picture.rgb >= 0) & (picture.rgb <= 1)).all()
    assert 40 < refused < 200


@pytest.mark.parametrize(
    "tensor",
    [
        torch.zeros(20, 24),
        torch.zeros(1, 20, 24),
        torch.zeros(4, 20, 24),
        torch.zeros(20, 24, 3),
        torch.zeros(2, 3, 20, 24),
        torch.zeros(1, 1, 3, 20, 24),
        torch.zeros(3, 20, 24, dtype=torch.uint8),
        torch.zeros(3, 20, 24, dtype=torch.complex64),
        torch.tensor(0.5),
    ],
    ids=lambda tensor: f"{list(tensor.shape)} {tensor.dtype}",
)
def test_a_tensor_of_wrong_shape_or_type_is_refused(tensor: torch.Tensor) -> None:
    complaint(tensor, match="tensor: give 3xHxW or 1x3xHxW floats")


@pytest.mark.parametrize("value", [-0.01, 1.01, 255.0, float("nan"), float("inf")])
def test_a_tensor_with_a_value_out_of_range_is_refused(value: float) -> None:
    tensor = torch.full((3, HEIGHT, WIDTH), 0.5)
    tensor[1, 2, 3] = value
    complaint(tensor, match="outside 0 to 1")
