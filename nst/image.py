"""Files and Pillow images to pictures and back.

A `Picture` is what the rest of the package works on: RGB in sRGB as floats from 0 to 1, its alpha channel
apart.  Everything that makes real files hard is settled here once: EXIF orientation, embedded color
profiles, palettes, CMYK, 16 bits, transparency, size limits, broken files, and writing without leaving
half a file behind.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import uuid
import warnings
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageCms, ImageOps, PngImagePlugin
from torch import Tensor

from .errors import ImageError, OutputError
from .layers import MIN_SIDE

MAX_PIXELS = 89_478_485
"""Larger images are refused; it is the count from which on Pillow warns of a decompression bomb."""

MAX_SIDE = 4096
"""Pixels: larger images are reduced to this long side as they are read, no result is larger."""

READABLE = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "GIF")
WRITABLE = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".avif": "AVIF",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
}
_SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "PNG": {"compress_level": 6},
    "JPEG": {"quality": 95, "subsampling": "4:4:4"},
    "WEBP": {"quality": 95, "method": 4},
    "AVIF": {"quality": 90},
    "TIFF": {"compression": "tiff_adobe_deflate"},
}
_NO_ALPHA = ("JPEG", "BMP")
_NO_METADATA = ("BMP",)
_METADATA_KEY = "pastiche"
_EXIF_DESCRIPTION, _EXIF_SOFTWARE = 0x010E, 0x0131


@dataclass(frozen=True, eq=False)
class Picture:
    """An image as the network sees it.

    rgb: 1x3xHxW float32 on the CPU, sRGB, 0 to 1, already composited where the file is transparent.
    alpha: 1x1xHxW float32, 0 (transparent) to 1, or None for an opaque picture.
    name: where it came from, for messages.
    provenance: how it was made, when this project made it; written into and read from files.
    """

    rgb: Tensor
    alpha: Tensor | None = None
    name: str = "picture"
    provenance: dict[str, Any] | None = None

    @property
    def width(self) -> int:
        """Pixels."""
        return self.rgb.shape[3]

    @property
    def height(self) -> int:
        """Pixels."""
        return self.rgb.shape[2]

    @cached_property
    def digest(self) -> str:
        """SHA-256 over size and RGB values: equal for equal pictures, whatever file they came from."""
        sha = hashlib.sha256(f"{self.width}x{self.height}".encode())
        sha.update(self.rgb.contiguous().numpy().data)
        return sha.hexdigest()

    def resized(self, size: tuple[int, int]) -> Picture:
        """The same picture at another size (width, height); bicubic with antialiasing."""
        if size == (self.width, self.height):
            return self
        alpha = None if self.alpha is None else resize(self.alpha, size).clamp(0, 1)
        return replace(self, rgb=resize(self.rgb, size).clamp(0, 1), alpha=alpha)

    def to_pil(self) -> Image.Image:
        """8-bit RGB, or RGBA for a transparent picture."""
        channels = self.rgb if self.alpha is None else torch.cat([self.rgb, self.alpha], 1)
        array = channels[0].permute(1, 2, 0).mul(255).round().clamp(0, 255).byte().numpy()
        return Image.fromarray(np.ascontiguousarray(array))

    def __repr__(self) -> str:
        made = f", {self.provenance['task']}" if self.provenance else ""
        return f"Picture({self.name}, {self.width}x{self.height}{', alpha' if self.alpha is not None else ''}{made})"


def resize(image: Tensor, size: tuple[int, int]) -> Tensor:
    """NxCxHxW to (width, height), bicubic with antialiasing; values may overshoot their range a little."""
    width, height = size
    if image.shape[2:] == (height, width):
        return image
    return F.interpolate(image, (height, width), mode="bicubic", antialias=True, align_corners=False)


def fit(size: tuple[int, int], long_side: int, *, upscale: bool = False) -> tuple[int, int]:
    """(width, height) scaled to a long side, the aspect ratio kept; no larger than it was unless `upscale`."""
    scale = long_side / max(size)
    if scale > 1 and not upscale:
        return size
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def as_picture(source: Picture | Tensor | Image.Image | str | os.PathLike[str], name: str = "picture") -> Picture:
    """A picture from any of its forms: a picture, a 3xHxW or 1x3xHxW tensor in [0, 1], a Pillow image, a path."""
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
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise ImageError(f"There is no file {str(path)!r}: check the path.") from None
    except IsADirectoryError:
        raise ImageError(f"{str(path)!r} is a folder: name one image file in it.") from None
    except OSError as error:
        raise ImageError(f"{str(path)!r} can't be read: {error.strerror}.") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=READABLE)
    except Image.DecompressionBombError:
        raise ImageError(f"{name} has more than {2 * MAX_PIXELS:,} pixels: {_LIMITS}") from None
    except Exception:  # Pillow's plugins raise whatever their format's parser raises
        allowed = ", ".join(READABLE)
        raise ImageError(f"{name} is not an image that can be read here: use one of {allowed}.") from None
    return _from_pil(image, name)


_LIMITS = f"a picture may have at most {MAX_PIXELS:,} pixels and must be at least {MIN_SIDE} px wide and high."


def _from_tensor(rgb: Tensor, name: str) -> Picture:
    rgb = rgb[None] if rgb.dim() == 3 else rgb
    if rgb.dim() != 4 or rgb.shape[:2] != (1, 3) or not rgb.is_floating_point():
        kind = f"{'x'.join(map(str, rgb.shape))} {rgb.dtype}"
        raise ImageError(f"{name} is a {kind} tensor: give 3xHxW or 1x3xHxW floats from 0 to 1.")
    rgb = rgb.detach().to("cpu", torch.float32)
    if not bool(((rgb >= 0) & (rgb <= 1)).all()):
        raise ImageError(f"{name} has values outside 0 to 1: scale them (bytes are divided by 255).")
    _check_size((rgb.shape[3], rgb.shape[2]), name)
    return Picture(rgb.contiguous(), name=name)


def _from_pil(image: Image.Image, name: str) -> Picture:
    _check_size(image.size, name)
    provenance = _read_provenance(image)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a damaged EXIF block or profile is no reason to bother anyone
            if image.format == "JPEG":
                image.draft(None, (MAX_SIDE, MAX_SIDE))
            ImageOps.exif_transpose(image, in_place=True)
            if max(image.size) > MAX_SIDE:
                image = _shrunk(image)
            rgb, alpha = _channels(image)
    except Exception as error:  # as in load_image: decoding happens here
        raise ImageError(f"{name} is damaged or cut short ({error}): use another copy of it.") from None
    if alpha is not None and bool((alpha == 1).all()):
        alpha = None
    if alpha is not None:
        rgb = _composite(rgb, alpha)
    return Picture(rgb, alpha, name, provenance)


def _check_size(size: tuple[int, int], name: str) -> None:
    if min(size) < MIN_SIDE or size[0] * size[1] > MAX_PIXELS:
        raise ImageError(f"{name} is {size[0]}x{size[1]} px: {_LIMITS}")


def _shrunk(image: Image.Image) -> Image.Image:
    if image.mode in ("P", "PA", "1"):
        image = image.convert("RGBA" if "transparency" in image.info or image.mode == "PA" else "RGB")
    if image.mode.startswith("I"):
        image = _gray16(image)
    small = image.resize(fit(image.size, MAX_SIDE), Image.Resampling.LANCZOS)
    small.info = image.info
    return small


def _gray16(image: Image.Image) -> Image.Image:
    """16-bit gray (Pillow's I;16 and I, 0 to 65535) as mode F, 0 to 1."""
    return Image.fromarray(np.asarray(image).astype(np.float32) / 65535, mode=None)


def _channels(image: Image.Image) -> tuple[Tensor, Tensor | None]:
    """Any mode to RGB in sRGB (1x3xHxW) and alpha (1x1xHxW or None), both 0 to 1."""
    if image.mode.startswith("I"):
        image = _gray16(image)
    if image.mode == "F":
        gray = np.asarray(image, dtype=np.float32)
        gray = gray / max(1.0, float(gray.max()))
        return _tensor(gray[..., None].clip(0, 1).repeat(3, axis=2)), None
    alpha = None
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        alpha = _tensor(np.asarray(rgba.getchannel("A"))[..., None])
        flat = rgba.convert("RGB")
        flat.info = image.info
        image = flat
    return _tensor(np.asarray(_to_srgb(image))), alpha


def _tensor(array: np.ndarray) -> Tensor:
    scaled = array.astype(np.float32) / 255 if array.dtype == np.uint8 else array.astype(np.float32)
    return torch.from_numpy(np.ascontiguousarray(scaled.transpose(2, 0, 1)))[None]


def _to_srgb(image: Image.Image) -> Image.Image:
    """Through the embedded color profile where there is a sound one, else by Pillow's plain conversion."""
    profile = image.info.get("icc_profile")
    if profile:
        try:
            converted = ImageCms.profileToProfile(
                image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            assert converted is not None
            return converted
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that is damaged or of another color space than the pixels: browsers ignore it too
    return image.convert("RGB")


def _composite(rgb: Tensor, alpha: Tensor) -> Tensor:
    """Over the mean visible color: hidden colors vanish, and no foreign background shows at soft edges."""
    visible = alpha.sum()
    if visible == 0:
        return torch.full_like(rgb, 0.5)
    background = (rgb * alpha).sum((2, 3), keepdim=True) / visible
    return rgb * alpha + background * (1 - alpha)


def save_image(picture: Picture | Tensor | Image.Image, path: str | os.PathLike[str]) -> Path:
    """Write a picture in the format of the path's extension; its provenance goes into the metadata.

    The file appears whole or not at all.  JPEG and BMP have no alpha: there the picture's composited
    colors are written.  Raises OutputError for an unknown extension, and where the path can't be written.
    """
    path, picture = Path(path), as_picture(picture)
    kind = check_output(path)
    if kind in _NO_ALPHA:
        picture = replace(picture, alpha=None)
    options = dict(_SAVE_OPTIONS.get(kind, {}))
    if picture.provenance is not None and kind not in _NO_METADATA:
        options |= _metadata(kind, picture.provenance)
    part = path.with_name(f".{path.stem}.{uuid.uuid4().hex[:8]}.part")
    try:
        with open(part, "xb") as file:
            picture.to_pil().save(file, format=kind, **options)
        os.replace(part, path)
    except OSError as error:
        raise OutputError(f"{str(path)!r} can't be written: {error.strerror or error}.") from None
    finally:
        part.unlink(missing_ok=True)
    return path


def check_output(path: str | os.PathLike[str]) -> str:
    """The format that a path's extension asks for; OutputError when nothing can be written there.

    Called before the work as well, so that nobody waits for an image that has no place to go.
    """
    path = Path(path)
    kind = WRITABLE.get(path.suffix.lower())
    if kind is None:
        raise OutputError(f"{str(path)!r} does not end in a format that can be written: {', '.join(WRITABLE)}.")
    if path.is_dir():
        raise OutputError(f"{str(path)!r} is a folder: name a file in it.")
    if not path.parent.is_dir():
        raise OutputError(f"The folder {str(path.parent)!r} does not exist: make it first.")
    if not os.access(path.parent, os.W_OK):
        raise OutputError(f"The folder {str(path.parent)!r} can't be written to: choose another.")
    return kind


def _metadata(kind: str, provenance: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(provenance)
    if kind == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_itxt(_METADATA_KEY, text)
        return {"pnginfo": info}
    exif = Image.Exif()
    exif[_EXIF_DESCRIPTION] = text
    exif[_EXIF_SOFTWARE] = _METADATA_KEY
    return {"exif": exif}


def _read_provenance(image: Image.Image) -> dict[str, Any] | None:
    """What `save_image` embedded, or None; metadata of other programs is none of ours."""
    text = image.info.get(_METADATA_KEY)
    try:
        exif = image.getexif()
        if text is None and exif.get(_EXIF_SOFTWARE) == _METADATA_KEY:
            text = exif.get(_EXIF_DESCRIPTION)
        value = json.loads(text) if isinstance(text, str) else None
    except Exception:  # damaged metadata is the same as none
        return None
    return value if isinstance(value, dict) and "recipe" in value and "task" in value else None
