"""Files, Pillow images and tensors to pictures.

Everything that makes real files hard is settled once: what a file is and whether it may be decoded (`opening`),
orientation, modes and size (`reducing`), and here color profiles and transparency.
"""

from __future__ import annotations

import io
import os
import re
import stat
from pathlib import Path
from typing import IO

import numpy as np
import torch
from PIL import Image, ImageCms
from torch import Tensor

from ..errors import ImageError, shown, shown_name
from .limits import require_size
from .metadata import read_provenance
from .opening import open_image
from .picture import MAX_SIDE, Picture
from .reducing import reduced

Source = Picture | Tensor | Image.Image | str | os.PathLike[str]
"""What can be given as an image: a path, a `Picture`, a Pillow image, or a 3xHxW or 1x3xHxW float tensor in [0, 1]."""

_ADDRESS = re.compile(r"(https?|ftp|file|data|s3|gs|hf):/*", re.IGNORECASE)


def as_picture(source: Source, name: str = "picture", most: int = MAX_SIDE) -> Picture:
    """A picture from any of its forms.

    name: what a tensor or Pillow image is called in messages.  most: as in `load_image`, for a path or Pillow image.
    """
    if isinstance(source, Picture):
        return source
    if isinstance(source, Tensor):
        return _from_tensor(source, name)
    if isinstance(source, Image.Image):
        return _from_pil(source, name, most)
    return load_image(source, most)


def load_image(path: str | os.PathLike[str], most: int = MAX_SIDE) -> Picture:
    """Read JPEG, PNG, WebP, AVIF, HEIF, TIFF, BMP or GIF (the first frame) as it is meant to be seen.

    most: pixels of its long side; a larger picture is reduced to so many.
    Turned upright by its EXIF orientation, converted to sRGB by its color profile, 16 bits and palettes
    widened, transparency composited over the picture's own mean visible color and kept as alpha.  Nothing but this file
    is opened, and no program started.
    Raises ImageError for what can't be read, for sides under 16 px and over the pixels that `limits` allows.
    """
    name = Path(path).name
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            _require_regular(file, path)
            return _from_pil(open_image(file, shown_name(name), most), name, most)
    except FileNotFoundError:
        raise ImageError(_missing(str(path))) from None
    except IsADirectoryError:
        raise ImageError(f"{shown(str(path))} is a folder: name one image file in it.") from None
    except (OSError, ValueError) as error:  # a ValueError is a path that no file system knows
        raise ImageError(f"{shown(str(path))} can't be read: {reason(error)}.") from None


def _without_waiting(path: str, flags: int) -> int:
    """Opens a file, and a pipe too at once, where nobody may ever write into it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _require_regular(file: IO[bytes], path: str | os.PathLike[str]) -> None:
    """ImageError for a pipe, a socket or a device, which may never end."""
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        raise ImageError(f"{shown(str(path))} is a pipe or a device: name an image file.")


def _missing(path: str) -> str:
    if scheme := _ADDRESS.match(path):  # a `Path` has one slash of them left
        address = f"{scheme[1]}://{path[scheme.end() :]}"
        return f"{shown(address)} is an address, and an image is read from a file: download it, and name the file."
    return f"There is no file {shown(path)}: check the path."


def reason(error: Exception) -> str:
    """Why a file can't be read or written, in a few words."""
    return shown_name(getattr(error, "strerror", None) or str(error) or type(error).__name__)


def _from_tensor(rgb: Tensor, name: str) -> Picture:
    rgb = rgb[None] if rgb.dim() == 3 else rgb
    if rgb.dim() != 4 or rgb.shape[:2] != (1, 3) or not rgb.is_floating_point():
        kind = f"{'x'.join(map(str, rgb.shape))} {rgb.dtype}"
        raise ImageError(f"{name} is a {kind} tensor: give 3xHxW or 1x3xHxW floats from 0 to 1.")
    rgb = rgb.detach().to("cpu", torch.float32, copy=True)
    if not bool(((rgb >= 0) & (rgb <= 1)).all()):
        raise ImageError(f"{name} has values outside 0 to 1: scale them (bytes are divided by 255).")
    require_size((rgb.shape[3], rgb.shape[2]), name)
    return Picture(rgb.contiguous(), name=name)


def _from_pil(image: Image.Image, name: str, most: int) -> Picture:
    require_size(image.size, shown_name(name))
    try:
        image.load()
        provenance = read_provenance(image)
        image = reduced(image, most)
        rgb, alpha = _channels(image)
    except MemoryError:
        raise ImageError(f"{shown_name(name)} does not fit into the memory that is free: make it smaller.") from None
    except Exception as error:  # as in `open_image`: decoding happens here
        raise ImageError(
            f"{shown_name(name)} is damaged or cut short ({reason(error)}): use another copy of it."
        ) from None
    if alpha is not None and (alpha.numpy() == 1).all():
        alpha = None
    if alpha is not None:
        rgb = _composite(rgb, alpha)
    return Picture(rgb, alpha, name, provenance)


def _channels(image: Image.Image) -> tuple[Tensor, Tensor | None]:
    """A reduced image as RGB in sRGB (1x3xHxW) and alpha (1x1xHxW or None), both 0 to 1."""
    if image.mode not in ("LA", "RGBA"):
        return _tensor(_srgb(image)), None
    alpha = _tensor(np.asarray(image.getchannel("A"))[..., None])
    return _tensor(_srgb(image.convert(image.mode[:-1]))), alpha


def _tensor(array: np.ndarray) -> Tensor:
    """HxWxC bytes, or floats in [0, 1], as 1xCxHxW floats; band by band, as a whole copy of them is large."""
    height, width, bands = array.shape
    tensor = torch.empty(1, bands, height, width)
    for i in range(bands):
        tensor[0, i].numpy()[:] = array[..., i]
        if array.dtype == np.uint8:
            tensor[0, i] /= 255
    return tensor


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
        return np.broadcast_to(gray[..., None].clip(0, 1), (*gray.shape, 3))
    return np.asarray(image.convert("RGB"))


def _composite(rgb: Tensor, alpha: Tensor) -> Tensor:
    """Over the mean visible color: hidden colors vanish, and no foreign background shows at soft edges."""
    color, cover = rgb.numpy(), alpha.numpy()
    visible = cover.sum()
    if visible == 0:
        return torch.full_like(rgb, 0.5)
    composited = color * cover
    background = composited.sum((2, 3), keepdims=True) / visible
    uncovered = 1 - cover
    for i in range(3):
        composited[:, i] += background[:, i] * uncovered[:, 0]
    return torch.from_numpy(composited.clip(0, 1, out=composited))
