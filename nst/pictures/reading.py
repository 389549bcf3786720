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
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageCms, PngImagePlugin
from torch import Tensor

from ..errors import ImageError, OutputError
from ..taps import MIN_SIDE

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
_MAX_METADATA = 60_000  # characters, in every format; a JPEG has no room for more
_MAX_BRACKETS = 200  # they bound how deep JSON is nested: a stranger's must not be too deep to be written again
_EXIF_DESCRIPTION, _EXIF_ORIENTATION, _EXIF_SOFTWARE = 0x010E, 0x0112, 0x0131
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


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
        """SHA-256 over size, RGB and alpha values: equal for equal pictures, whatever file they came from."""
        sha = hashlib.sha256(f"{self.width}x{self.height}".encode())
        for band in (self.rgb, self.alpha):
            sha.update(b"" if band is None else band.contiguous().numpy().data)
        return sha.hexdigest()

    def resized(self, size: tuple[int, int]) -> Picture:
        """The same picture at another size (width, height); bicubic with antialiasing."""
        if size == (self.width, self.height):
            return self
        alpha = None if self.alpha is None else resize(self.alpha, size).clamp(0, 1)
        return replace(self, rgb=resize(self.rgb, size).clamp(0, 1), alpha=alpha)

    def to_pil(self) -> Image.Image:
        """8-bit RGB, or RGBA for a transparent picture."""
        bands = [self.rgb] if self.alpha is None else [self.rgb, self.alpha]
        array = np.nan_to_num(np.concatenate([band[0].numpy() for band in bands]).transpose(1, 2, 0))
        return Image.fromarray((array * 255).round().clip(0, 255).astype(np.uint8))

    def __repr__(self) -> str:
        made = f", {self.provenance.get('task')}" if self.provenance else ""
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
        with open(path, "rb") as file:
            return _from_pil(_open(file, name), name)
    except FileNotFoundError:
        raise ImageError(f"There is no file {str(path)!r}: check the path.") from None
    except IsADirectoryError:
        raise ImageError(f"{str(path)!r} is a folder: name one image file in it.") from None
    except (OSError, ValueError) as error:  # a ValueError is a path that no file system knows
        raise ImageError(f"{str(path)!r} can't be read: {_reason(error)}.") from None


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


def _reason(error: Exception) -> str:
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
        provenance = _read_provenance(image)
        image = _plain(_upright(image))
        if max(image.size) > MAX_SIDE:
            image = image.resize(fit(image.size, MAX_SIDE), Image.Resampling.LANCZOS)
        rgb, alpha = _channels(image)
    except Exception as error:  # as in _open: decoding happens here
        raise ImageError(f"{name} is damaged or cut short ({_reason(error)}): use another copy of it.") from None
    if alpha is not None and (alpha.numpy() == 1).all():
        alpha = None
    if alpha is not None:
        rgb = _composite(rgb, alpha)
    return Picture(rgb, alpha, name, provenance)


def _check_size(size: tuple[int, int], name: str) -> None:
    if min(size) < MIN_SIDE or size[0] * size[1] > MAX_PIXELS:
        raise ImageError(f"{name} is {size[0]}x{size[1]} px: {_LIMITS}")


def _upright(image: Image.Image) -> Image.Image:
    turn = _TURNS.get(_exif(image, _EXIF_ORIENTATION))
    return image if turn is None else image.transpose(turn)


def _exif(image: Image.Image, tag: int) -> Any:
    """The value of an EXIF tag; None where there is none, and where the EXIF block is damaged."""
    try:
        return image.getexif().get(tag)
    except Exception:  # as in _open
        return None


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


def save_image(picture: Picture | Tensor | Image.Image, path: str | os.PathLike[str]) -> Path:
    """Write a picture in the format of the path's extension; its provenance goes into the metadata.

    The file appears whole or not at all.  JPEG and BMP have no alpha: there the picture's composited
    colors are written.  Provenance of more than 60,000 characters is left out, so that each format can hold it.
    Raises OutputError for an unknown extension, and where the path can't be written.
    """
    path, picture = Path(path), as_picture(picture)
    kind = check_output(path)
    if kind in _NO_ALPHA:
        picture = replace(picture, alpha=None)
    options = dict(_SAVE_OPTIONS.get(kind, {}))
    if picture.provenance is not None and kind not in _NO_METADATA:
        options |= _metadata(kind, picture.provenance)
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    encoded = io.BytesIO()
    image = picture.to_pil()
    try:
        image.save(encoded, format=kind, **options)
        part.write_bytes(encoded.getbuffer())
        os.replace(part, path)
    except (OSError, ValueError, RuntimeError) as error:  # what encoders raise for a picture too large for them
        raise OutputError(f"{str(path)!r} can't be written: {_reason(error)}.") from None
    finally:
        with suppress(OSError):
            part.unlink()
    return path


def check_output(path: str | os.PathLike[str]) -> str:
    """The format that a path's extension asks for; OutputError when nothing can be written there.

    Called before the work as well, so that nobody waits for an image that has no place to go.
    """
    path = Path(path)
    kind = WRITABLE.get(path.suffix.lower())
    if kind is None:
        raise OutputError(f"{str(path)!r} does not end in a format that can be written: {', '.join(WRITABLE)}.")
    try:
        is_folder, has_folder = path.is_dir(), path.parent.is_dir()
    except OSError as error:  # a name that is too long, a folder that must not be looked into
        raise OutputError(f"{str(path)!r} can't be written: {_reason(error)}.") from None
    if is_folder:
        raise OutputError(f"{str(path)!r} is a folder: name a file in it.")
    if not has_folder:
        raise OutputError(f"The folder {str(path.parent)!r} does not exist: make it first.")
    if not os.access(path.parent, os.W_OK):
        raise OutputError(f"The folder {str(path.parent)!r} can't be written to: choose another.")
    return kind


def _metadata(kind: str, provenance: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(provenance)
    if len(text) > _MAX_METADATA:
        return {}
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
    if text is None and _exif(image, _EXIF_SOFTWARE) == _METADATA_KEY:
        text = _exif(image, _EXIF_DESCRIPTION)
    if not isinstance(text, str) or len(text) > _MAX_METADATA or text.count("[") + text.count("{") > _MAX_BRACKETS:
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return None
    known = isinstance(value, dict) and isinstance(value.get("recipe"), dict) and isinstance(value.get("task"), str)
    return value if known else None
