"""Files, Pillow images and tensors to pictures.

Everything that makes real files hard is settled here once: EXIF orientation, embedded color profiles, palettes, CMYK,
16 bits, transparency, size limits and broken files.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import IO

import numpy as np
import torch
from PIL import Image, ImageCms
from torch import Tensor

from ..errors import ImageError
from ..taps import MIN_SIDE
from .metadata import EXIF_ORIENTATION, exif_value, read_provenance
from .picture import MAX_SIDE, Picture, fit

Source = Picture | Tensor | Image.Image | str | os.PathLike[str]
"""What can be given as an image: a path, a `Picture`, a Pillow image, or a 3xHxW or 1x3xHxW float tensor in [0, 1]."""

MAX_PIXELS = 89_478_485
"""Larger images are refused; it is the count from which on Pillow warns of a decompression bomb."""


READABLE = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "GIF")
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def as_picture(source: Source, name: str = "picture") -> Picture:
    """A picture from any of its forms; name: what a tensor or Pillow image is called in messages."""
    if isinstance(source, Picture):
        return source
    if isinstance(source, Tensor):
        return _from_tensor(source, name)
    if isinstance(source, Image.Image):
        return _from_pil(source, name)
    return load_image(source)


def load_image(path: str | os.PathLike[str]) -> Picture:
    """Read JPEG, PNG, WebP, AVIF, TIFF, BMP or GIF (the first frame) as it is meant to be seen.

    Turned upright by its EXIF orientation, converted to sRGB by its color profile, 16 bits and palettes
    widened, transparency composited over the picture's own mean visible color and kept as alpha.
    Raises ImageError for what can't be read, for sides under 16 px and over `MAX_PIXELS`.
    """
    name = Path(path).name
    try:
        with open(path, "rb") as file:
            return _from_pil(_open(file, name), name)
    except FileNotFoundError:
        raise ImageError(f"There is no file {str(path)!r}: check the path.") from None
    except IsADirectoryError:
        raise ImageError(f"{str(path)!r} is a folder: name one image file in it.") from None
    except (OSError, ValueError) as error:  # a ValueError is a path that no file system knows
        raise ImageError(f"{str(path)!r} can't be read: {reason(error)}.") from None


def _open(file: IO[bytes], name: str) -> Image.Image:
    try:
        image = Image.open(file, formats=READABLE)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageError(f"{name} has too many pixels: {_LIMITS}") from None
    except Exception:  # Pillow's plugins raise whatever their format's parser raises
        allowed = ", ".join(READABLE)
        raise ImageError(f"{name} is not an image that can be read here, or damaged: use one of {allowed}.") from None
    _check_size(image.size, name)
    image.draft(None, (MAX_SIDE, MAX_SIDE))
    return image


def reason(error: Exception) -> str:
    """Why a file can't be read or written, in a few words."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


_LIMITS = f"a picture may have at most {MAX_PIXELS:,} pixels and must be at least {MIN_SIDE} px wide and high."


def _from_tensor(rgb: Tensor, name: str) -> Picture:
    rgb = rgb[None] if rgb.dim() == 3 else rgb
    if rgb.dim() != 4 or rgb.shape[:2] != (1, 3) or not rgb.is_floating_point():
        kind = f"{'x'.join(map(str, rgb.shape))} {rgb.dtype}"
        raise ImageError(f"{name} is a {kind} tensor: give 3xHxW or 1x3xHxW floats from 0 to 1.")
    rgb = rgb.detach().to("cpu", torch.float32, copy=True)
    if not bool(((rgb >= 0) & (rgb <= 1)).all()):
        raise ImageError(f"{name} has values outside 0 to 1: scale them (bytes are divided by 255).")
    _check_size((rgb.shape[3], rgb.shape[2]), name)
    return Picture(rgb.contiguous(), name=name)


def _from_pil(image: Image.Image, name: str) -> Picture:
    _check_size(image.size, name)
    try:
        image.load()
        provenance = read_provenance(image)
        image = _plain(_upright(image))
        if max(image.size) > MAX_SIDE:
            image = image.resize(fit(image.size, MAX_SIDE), Image.Resampling.LANCZOS)
        rgb, alpha = _channels(image)
    except Exception as error:  # as in _open: decoding happens here
        raise ImageError(f"{name} is damaged or cut short ({reason(error)}): use another copy of it.") from None
    if alpha is not None and (alpha.numpy() == 1).all():
        alpha = None
    if alpha is not None:
        rgb = _composite(rgb, alpha)
    return Picture(rgb, alpha, name, provenance)


def _check_size(size: tuple[int, int], name: str) -> None:
    if min(size) < MIN_SIDE or size[0] * size[1] > MAX_PIXELS:
        raise ImageError(f"{name} is {size[0]}x{size[1]} px: {_LIMITS}")


def _upright(image: Image.Image) -> Image.Image:
    turn = _TURNS.get(exif_value(image, EXIF_ORIENTATION))
    return image if turn is None else image.transpose(turn)


def _plain(image: Image.Image) -> Image.Image:
    """Any mode as one that can be resized, transparency as its last band: L, LA, RGB, RGBA, CMYK, LAB, I;16, F."""
    mode = image.mode
    if mode == "F" or mode.startswith("I"):
        return _deep_gray(image)
    if image.has_transparency_data:
        return image.convert("LA" if mode in ("L", "LA", "La") else "RGBA")
    return image if mode in ("L", "RGB", "CMYK", "LAB") else image.convert("RGB")


def _deep_gray(image: Image.Image) -> Image.Image:
    """Gray of more than 8 bits: 16 as I;16, or as LA where one value is transparent, all else as F from 0 to 1."""
    values, key = np.asarray(image), image.info.get("transparency")
    if not image.mode.startswith("I;16"):
        values = values.astype(np.float32) / (65535 if image.mode == "I" else 1)
        if not np.isfinite(values).all():
            raise ValueError("not all of its values are numbers")
        gray = Image.fromarray(values / max(1.0, float(values.max())))
    elif key is None:
        gray = Image.fromarray(values.astype(np.uint16))  # Pillow resizes none but the native byte order rightly
    else:
        gray = Image.fromarray((values.astype(np.float32) / 257).round().astype(np.uint8))
        gray.putalpha(Image.fromarray(np.where(values == key, 0, 255).astype(np.uint8)))
    gray.info["icc_profile"] = image.info.get("icc_profile")
    return gray


def _channels(image: Image.Image) -> tuple[Tensor, Tensor | None]:
    """A plain image as RGB in sRGB (1x3xHxW) and alpha (1x1xHxW or None), both 0 to 1."""
    if image.mode not in ("LA", "RGBA"):
        return _tensor(_srgb(image)), None
    alpha = _tensor(np.asarray(image.getchannel("A"))[..., None])
    return _tensor(_srgb(image.convert(image.mode[:-1]))), alpha


def _tensor(array: np.ndarray) -> Tensor:
    scaled = array.astype(np.float32) / 255 if array.dtype == np.uint8 else array
    return torch.from_numpy(np.ascontiguousarray(scaled.transpose(2, 0, 1)))[None]


def _srgb(image: Image.Image) -> np.ndarray:
    """Through the embedded color profile where there is a sound one, else by Pillow's plain conversion."""
    profile = image.info.get("icc_profile")
    if profile and image.mode != "F":
        try:
            srgb = ImageCms.createProfile("sRGB")
            return np.asarray(ImageCms.profileToProfile(image, io.BytesIO(profile), srgb, outputMode="RGB"))
        except (ImageCms.PyCMSError, TypeError):
            pass  # a profile that is damaged or of another color space than the pixels: browsers ignore it too
    if image.mode in ("I;16", "F"):
        gray = np.asarray(image, dtype=np.float32) / (65535 if image.mode == "I;16" else 1)
        return gray[..., None].clip(0, 1).repeat(3, axis=2)
    return np.asarray(image.convert("RGB"))


def _composite(rgb: Tensor, alpha: Tensor) -> Tensor:
    """Over the mean visible color: hidden colors vanish, and no foreign background shows at soft edges."""
    color, cover = rgb.numpy(), alpha.numpy()
    visible = cover.sum()
    if visible == 0:
        return torch.full_like(rgb, 0.5)
    background = (color * cover).sum((2, 3), keepdims=True) / visible
    return torch.from_numpy((color * cover + background * (1 - cover)).clip(0, 1))
